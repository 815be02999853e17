package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;

/**
 * A named port of an instance, as its job asks for it; {@code PortAssignment} is what an attempt
 * got, where nothing is open any more.
 *
 * @param name a name; the container finds the port in {@code PORT_<NAME>}
 * @param container port inside the container, 1 to 65535; 0: the same as the host port
 * @param host fixed port on the host, 1 to 65535; 0: one from the offer
 */
public record PortSpec(String name, int container, int host) {
  public PortSpec {
    Names.requireName("name", name);
    requirePort("container", container);
    requirePort("host", host);
  }

  /** Whether the host port is the same wherever the instance runs. */
  public boolean fixed() {
    return host != 0;
  }

  private static void requirePort(String field, int port) {
    if (port < 0 || port > 65535) {
      throw new InvalidModelException(
          field, port + " is no port", "write 1 to 65535, or leave it out");
    }
  }
}
