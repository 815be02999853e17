package io.springtide.server.mesos;

import io.springtide.executor.contract.WardenReport;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.HostReport.Engine;
import io.springtide.scheduler.told.HostReport.Machine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads what wardens report into the core's words. It comes from outside: what is too large, or
 * cannot be, is no report.
 */
final class HostReports {
  /** A report of a host with a thousand tasks is a tenth of this. */
  static final int MOST_BYTES = 1 << 20;

  private static final int MOST_ENGINES = 10;
  private static final int MOST_NAME = 32;
  private static final int MOST_DETAIL = 300;
  private static final int MOST_TASK = 300;
  private static final int MOST_PROCESSORS = 100_000;
  private static final long MOST_MIB = 1L << 40;

  /** The clock of an agent that began to count in 1970 is off by less than this. */
  private static final Duration MOST_OFFSET = Duration.ofDays(365_000);

  private final InstantSource clock;

  /**
   * @param clock the wall's: offsets are against it
   */
  HostReports(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @throws IllegalArgumentException saying why it is no report
   */
  HostReport read(byte[] bytes) {
    if (bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          bytes.length + " bytes are more than a report's " + MOST_BYTES);
    }
    Instant now = clock.instant();
    WardenReport read = WardenReport.fromBytes(bytes);
    return new HostReport(
        now,
        engines(read),
        Optional.ofNullable(read.machine()).map(its -> machine(its, now)),
        text(read.warden(), MOST_TASK));
  }

  /** Earlier releases say only which are ready. */
  private static List<Engine> engines(WardenReport read) {
    Stream<Engine> engines =
        read.engines().isEmpty()
            ? read.runtimes().stream()
                .map(name -> new Engine(text(name, MOST_NAME), true, "", false))
            : read.engines().stream()
                .map(
                    its ->
                        new Engine(
                            text(its.name(), MOST_NAME),
                            its.ready(),
                            text(its.detail(), MOST_DETAIL),
                            its.clean()));
    List<Engine> all = engines.limit(MOST_ENGINES + 1L).toList();
    if (all.size() > MOST_ENGINES) {
      throw new IllegalArgumentException("more than " + MOST_ENGINES + " engines");
    }
    return all;
  }

  private static Machine machine(WardenReport.Machine its, Instant now) {
    Instant clock = Instant.ofEpochMilli(its.clockMillis());
    Duration offset = Duration.between(now, clock);
    if (offset.abs().compareTo(MOST_OFFSET) > 0) {
      throw new IllegalArgumentException("its clock says " + clock);
    }
    long disk = within("diskMiB", its.diskMiB(), MOST_MIB);
    return new Machine(
        (int) within("processors", its.processors(), MOST_PROCESSORS),
        within("memoryMiB", its.memoryMiB(), MOST_MIB),
        disk,
        within("diskFreeMiB", its.diskFreeMiB(), disk),
        offset);
  }

  private static long within(String what, long value, long most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(what + ": " + value + " is not between 0 and " + most);
    }
    return value;
  }

  /** One line of at most so many characters. */
  private static String text(String text, int most) {
    String line = text == null ? "" : text.replaceAll("\\p{Cntrl}", " ");
    return line.length() <= most ? line : line.substring(0, most) + "…";
  }
}
