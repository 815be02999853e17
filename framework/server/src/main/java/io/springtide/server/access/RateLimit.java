package io.springtide.server.access;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bucket of tokens for each of many: it fills at a rate, and who finds it empty waits. Of the
 * many, those that came last are remembered; whoever is forgotten begins with a full one.
 */
public final class RateLimit {
  private static final int REMEMBERED = 10_000;
  private static final double NANOS = 1e9;

  private static final class Bucket {
    double level;
    long at;
  }

  private final double perSecond;
  private final double most;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param perSecond above 0
   * @param most at once, 1 or more
   */
  public RateLimit(double perSecond, double most) {
    this.perSecond = perSecond;
    this.most = most;
  }

  /**
   * Takes one, if there is one.
   *
   * @param now nanoseconds of a clock that never goes back
   */
  public synchronized boolean take(String who, long now) {
    Bucket bucket = buckets.get(who);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.level = most;
      bucket.at = now;
      buckets.put(who, bucket);
    }
    bucket.level = Math.min(most, bucket.level + (now - bucket.at) / NANOS * perSecond);
    bucket.at = now;
    if (bucket.level < 1) {
      return false;
    }
    bucket.level--;
    return true;
  }
}
