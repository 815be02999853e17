package io.springtide.harness.emulator;

import java.util.Set;

/**
 * A framework as the master knows it.
 *
 * @param id its FrameworkID
 * @param name from its FrameworkInfo
 * @param roles its roles
 * @param connected whether its event stream is open
 */
public record FrameworkView(String id, String name, Set<String> roles, boolean connected) {

  public FrameworkView {
    roles = Set.copyOf(roles);
  }
}
