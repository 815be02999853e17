package io.springtide.cloud;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

  /**
   * Every driver on the class path, and the local one where it has endpoints to ask.
   *
   * @param localEndpoints base URLs; empty: there is no driver {@code local}
   */
  public static CloudDrivers onClassPath(Set<String> localEndpoints) {
    List<CloudDriver> drivers = new ArrayList<>();
    ServiceLoader.load(CloudDriver.class).forEach(drivers::add);
    if (!localEndpoints.isEmpty()) {
      drivers.add(new LocalCloudDriver(localEndpoints));
    }
    return new CloudDrivers(drivers);
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
