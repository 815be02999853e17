package io.springtide.server.access;

import java.util.List;

/**
 * Somebody who asks.
 *
 * @param name of the token
 * @param groups whose jobs, and those of the groups below, an operator may change; empty: all
 */
public record Principal(String name, Role role, List<String> groups) {
  /** Whoever comes where no tokens are asked for. */
  public static final Principal ANYONE = new Principal("anyone", Role.ADMIN, List.of());

  boolean has(Role least) {
    return role.compareTo(least) >= 0;
  }

  /** Whether it may change jobs of that group. */
  public boolean operates(String group) {
    return role == Role.ADMIN
        || (role == Role.OPERATOR
            && (groups.isEmpty()
                || groups.stream().anyMatch(mine -> (group + ".").startsWith(mine + "."))));
  }

  /** As it is said to who may not: {@code operator of feed}. */
  @Override
  public String toString() {
    String word = role.name().toLowerCase(java.util.Locale.ROOT);
    return groups.isEmpty() ? word : word + " of " + String.join(", ", groups);
  }
}
