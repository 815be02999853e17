package io.springtide.cloud;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Resources;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * An order of hosts that are all alike.
 *
 * @param account where to order, and the cluster tag that the hosts get
 * @param token names this order for ever: 1 to 64 characters of printable ASCII, the strictest of
 *     the clouds' limits. The agent of each host carries it as its attribute {@code order}
 * @param pool the pool that the hosts are for; a tag
 * @param count how many, 1 to 1000
 * @param resources what each brings
 * @param attributes what the agents shall say of themselves, besides {@code node} and {@code order}
 */
public record OrderRequest(
    CloudAccount account,
    String token,
    String pool,
    int count,
    Resources resources,
    Map<String, String> attributes) {
  public static final int MAX_COUNT = 1000;
  private static final int MAX_TOKEN = 64;

  public OrderRequest {
    requireNonNull(account);
    requireNonNull(pool);
    requireNonNull(resources);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    if (token.isEmpty()
        || token.length() > MAX_TOKEN
        || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException(
          "token: '" + token + "' is not 1 to " + MAX_TOKEN + " printable ASCII characters");
    }
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException(
          "count: " + count + " is not between 1 and " + MAX_COUNT + "; split the order");
    }
  }
}
