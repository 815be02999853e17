package io.springtide.scheduler.job;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.InvalidModelException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The main container of an instance.
 *
 * @param image its image; empty for the runtime {@code process}
 * @param command arguments, no shell between; empty: the image's own
 * @param env its environment, to which we add {@code HOST}, {@code PORT_…} and {@code SPRINGTIDE_…}
 * @param network {@code host}, {@code bridge} or the name of a network
 * @param ports names unique within the container
 * @param mounts directories of the host
 * @param privileged whether it runs with the rights of the host's root
 */
public record ContainerSpec(
    String image,
    List<String> command,
    Map<String, String> env,
    String network,
    List<PortSpec> ports,
    List<MountSpec> mounts,
    boolean privileged) {
  public static final String HOST_NETWORK = "host";
  public static final String BRIDGE_NETWORK = "bridge";

  public ContainerSpec {
    requireNonNull(image);
    command = List.copyOf(command);
    env = Collections.unmodifiableMap(new TreeMap<>(env));
    ports = List.copyOf(ports);
    mounts = List.copyOf(mounts);
    if (network == null || network.isBlank()) {
      throw new InvalidModelException(
          "network", "no network is named", "write host, bridge or the name of a network");
    }
    for (String name : env.keySet()) {
      if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
        throw new InvalidModelException(
            "env", "'" + name + "' is no variable name", "write a name without = ");
      }
    }
    Set<String> names = new HashSet<>();
    Set<Integer> fixed = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      PortSpec port = ports.get(i);
      if (!names.add(port.name())) {
        throw new InvalidModelException(
            "ports[" + i + "].name", "a port is already named " + port.name(), "name it otherwise");
      }
      if (port.fixed() && !fixed.add(port.host())) {
        throw new InvalidModelException(
            "ports[" + i + "].host",
            "host port " + port.host() + " is asked for twice",
            "take another, or leave it out to get one from the offer");
      }
    }
  }

  /** The port of that name. */
  public Optional<PortSpec> port(String name) {
    return ports.stream().filter(port -> port.name().equals(name)).findFirst();
  }
}
