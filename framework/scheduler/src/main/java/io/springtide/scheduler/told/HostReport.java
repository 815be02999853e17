package io.springtide.scheduler.told;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a host's warden last said of its machine. It is not durable, and a host that has not
 * reported yet has none. Only one decision follows from it: that remains are gone.
 *
 * @param at when it was received
 * @param engines what can run containers there, or could
 * @param machine what the machine is and has left; empty from executors of earlier releases
 * @param warden task id of the warden that reports; empty from executors of earlier releases
 */
public record HostReport(
    Instant at, List<Engine> engines, Optional<Machine> machine, String warden) {
  /**
   * What runs containers.
   *
   * @param name {@code docker}, {@code process}
   * @param ready whether it can now
   * @param detail its version and storage driver, or why it cannot
   * @param clean whether nothing is left there of what lost executors of the host started
   */
  public record Engine(String name, boolean ready, String detail, boolean clean) {
    public Engine {
      requireNonNull(name);
      requireNonNull(detail);
    }
  }

  /**
   * The machine.
   *
   * @param processors that it has
   * @param memoryMiB that it has; 0: not known
   * @param diskMiB size of the file system that sandboxes are on; 0: not known
   * @param diskFreeMiB what of it is left
   * @param clockOffset how far its clock is ahead of ours; the way of the report included
   */
  public record Machine(
      int processors, long memoryMiB, long diskMiB, long diskFreeMiB, Duration clockOffset) {
    public Machine {
      requireNonNull(clockOffset);
    }
  }

  /** What a person should look at. */
  public enum Kind {
    /** Certificates, logs and caches go by clocks. */
    CLOCK,
    /** Pulls and logs will soon fail. */
    DISK,
    /** It ran containers once and does not answer now. */
    ENGINE,
    /** Attempts of several jobs fail there again and again; no report says so, but they do. */
    FAILING
  }

  /** Something to look at, in words. */
  public record Warning(Kind kind, String detail) {}

  public HostReport {
    requireNonNull(at);
    engines = List.copyOf(engines);
    requireNonNull(machine);
    requireNonNull(warden);
  }
}
