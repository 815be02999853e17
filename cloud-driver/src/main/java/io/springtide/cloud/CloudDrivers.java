package io.springtide.cloud;

import java.util.Collection;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The drivers of this process, by name. */
public final class CloudDrivers implements AutoCloseable {
  private final SortedMap<String, CloudDriver> byName = new TreeMap<>();

  public CloudDrivers(Collection<? extends CloudDriver> drivers) {
    for (CloudDriver driver : drivers) {
      CloudDriver other = byName.putIfAbsent(driver.name(), driver);
      if (other != null) {
        throw new IllegalArgumentException(
            "two drivers call themselves '%s': %s and %s; take one off the class path"
                .formatted(driver.name(), other.getClass().getName(), driver.getClass().getName()));
      }
    }
  }

  /** Every driver on the class path. */
  public static CloudDrivers onClassPath() {
    return new CloudDrivers(
        ServiceLoader.load(CloudDriver.class).stream().map(ServiceLoader.Provider::get).toList());
  }

  public Optional<CloudDriver> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** For messages: what may be written as a template's {@code driver}. */
  public Set<String> names() {
    return byName.keySet();
  }

  @Override
  public void close() {
    byName.values().forEach(CloudDriver::close);
  }
}
