package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

/**
 * A port as one attempt has it.
 *
 * @param name as in the job
 * @param container port inside the container, 1 to 65535
 * @param host port on the host, 1 to 65535
 */
public record PortAssignment(String name, int container, int host) {
  public PortAssignment {
    requireNonNull(name);
  }
}
