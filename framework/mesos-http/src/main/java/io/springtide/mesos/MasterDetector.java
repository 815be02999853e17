package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Knows which master to ask. Thread-safe. */
public sealed interface MasterDetector extends AutoCloseable
    permits FixedMasters, ZooKeeperMasters {

  /**
   * Whom to ask next.
   *
   * @param failures how many tries have failed since the last success
   * @return empty while no master is known
   */
  Optional<Endpoint> candidate(int failures);

  /**
   * Begins to look.
   *
   * @param changed called on any thread each time another master leads, or one leads again
   */
  void start(Runnable changed);

  /** Ends every thread and connection of this detector. */
  @Override
  void close();

  /**
   * Reads where the masters are, as Mesos' own {@code --master} does:
   *
   * <ul>
   *   <li>{@code http://host:port}, or {@code host:port}: one master, or any name that leads to one
   *   <li>several of these with commas between: asked one after the other; those that do not lead
   *       redirect to the one that does
   *   <li>{@code zk://[user:password@]host:port,host:port/path}: the leader that ZooKeeper knows
   * </ul>
   *
   * @throws IllegalArgumentException if it is none of these; the message says what was expected
   */
  static MasterDetector of(String masters) {
    requireNonNull(masters, "masters");
    if (masters.startsWith("zk://")) {
      return ZooKeeperMasters.of(masters);
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (String master : masters.split(",", -1)) {
      try {
        endpoints.add(Endpoint.parse(master.trim()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "master: "
                + Why.of(e)
                + ", a list of these with commas between, or zk://host:port,host:port/path",
            e);
      }
    }
    return new FixedMasters(endpoints);
  }
}
