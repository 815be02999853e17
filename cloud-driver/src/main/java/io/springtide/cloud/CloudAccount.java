package io.springtide.cloud;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where hosts come from and whose they are.
 *
 * @param cluster the tag that every host ordered by this framework carries, by which it is found
 *     again; not empty
 * @param settings the driver's own keys of the pool's template: region, endpoint, credentials' file
 */
public record CloudAccount(String cluster, Map<String, String> settings) {
  public CloudAccount {
    requireNonNull(cluster);
    if (cluster.isEmpty()) {
      throw new IllegalArgumentException("cluster: an empty tag finds every host; give it a name");
    }
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }
}
