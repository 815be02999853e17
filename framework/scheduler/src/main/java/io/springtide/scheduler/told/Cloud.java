package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.HostTemplate;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One place that hosts are ordered from, listed at and given back to.
 *
 * @param driver that speaks to it
 * @param settings the driver's own keys, such as region and endpoint; other settings are another
 *     cloud
 */
public record Cloud(String driver, Map<String, String> settings) {
  public Cloud {
    requireNonNull(driver);
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /** The cloud that a template's hosts come from. */
  public static Cloud of(HostTemplate template) {
    return new Cloud(template.driver(), template.settings());
  }
}
