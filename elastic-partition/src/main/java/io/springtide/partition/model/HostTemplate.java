package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a host ordered for a pool will be.
 *
 * @param driver name of the cloud driver that brings it
 * @param resources what the host will offer to instances and executor together; not zero
 * @param attributes attributes its agent will carry, for constraints over hosts still in flight
 * @param settings the driver's own keys, passed on to it unread
 */
public record HostTemplate(
    String driver,
    Resources resources,
    Map<String, String> attributes,
    Map<String, String> settings) {
  public HostTemplate {
    Names.requireName("driver", driver);
    requireNonNull(resources);
    if (resources.isZero()) {
      throw new InvalidModelException(
          "resources",
          "a host of this template would offer nothing",
          "write its cpus and memoryMiB");
    }
    HostSpec.requireInRange("resources", resources);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }
}
