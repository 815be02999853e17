package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A tenant, in a tree by its path.
 *
 * @param path names joined by dots, {@code weibo.feed} below {@code weibo}
 * @param description free text
 * @param department free text, for reports
 * @param quotas by pool; a pool that is absent may not be used
 * @param totalLimit ceiling over all pools together
 * @param policy what its jobs may ask for
 */
public record Group(
    String path,
    String description,
    String department,
    Map<String, Quota> quotas,
    Limit totalLimit,
    GroupPolicy policy) {
  public Group {
    Names.requirePath("path", path);
    requireNonNull(description);
    requireNonNull(department);
    quotas = Collections.unmodifiableMap(new TreeMap<>(quotas));
    quotas.keySet().forEach(pool -> Names.requireName("quotas." + pool, pool));
    requireNonNull(totalLimit);
    requireNonNull(policy);
  }

  /** The path of the group above, or the empty string at the top. */
  public String parent() {
    return Names.parentOf(path);
  }
}
