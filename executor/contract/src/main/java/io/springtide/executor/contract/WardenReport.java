package io.springtide.executor.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * What a warden says of its host from time to time, in a MESSAGE to the framework. At most once:
 * one that is lost is followed by the next.
 *
 * @param version of this layout, {@value #VERSION}
 * @param host host id
 * @param runtimes what it can run now: {@code docker}, {@code process}
 * @param tasks what each instance's task uses
 * @param engines of each runtime, whether it is ready, and its version or why not
 * @param machine what the host is and has left; null in reports of earlier releases
 * @param warden task id of the warden that reports; empty in reports of earlier releases
 */
public record WardenReport(
    int version,
    String host,
    List<String> runtimes,
    List<TaskUsage> tasks,
    List<Engine> engines,
    Machine machine,
    String warden) {
  /** The layout that this release writes and reads. */
  public static final int VERSION = 1;

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /**
   * One task's use.
   *
   * @param task task id
   * @param cpuMillis processor time since its start, in milliseconds
   * @param memoryBytes resident now
   */
  public record TaskUsage(String task, long cpuMillis, long memoryBytes) {}

  /**
   * One runtime's engine.
   *
   * @param name {@code docker}, {@code process}
   * @param ready whether it can run containers
   * @param detail its version and storage driver, or why it is not ready
   * @param clean whether nothing is left there of what earlier executors of this host started;
   *     false in reports of earlier releases, which did not look
   */
  public record Engine(String name, boolean ready, String detail, boolean clean) {}

  /**
   * The machine.
   *
   * @param processors that it has
   * @param memoryMiB that it has; 0: not known
   * @param diskMiB size of the file system that sandboxes are on
   * @param diskFreeMiB what of it is left
   * @param clockMillis its clock when it reported, since the epoch
   */
  public record Machine(
      int processors, long memoryMiB, long diskMiB, long diskFreeMiB, long clockMillis) {}

  public WardenReport {
    runtimes = listed("runtimes", runtimes);
    tasks = listed("tasks", tasks);
    engines = listed("engines", engines);
    warden = warden == null ? "" : warden;
  }

  private static <T> List<T> listed(String field, List<T> values) {
    if (values == null) {
      return List.of();
    }
    if (values.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(field + " has a null in it");
    }
    return List.copyOf(values);
  }

  /** UTF-8 JSON. */
  public byte[] toBytes() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a record of strings and numbers is always JSON", e);
    }
  }

  /**
   * Reads what {@link #toBytes} wrote; fields that this release does not know are left out, as a
   * report is only read.
   *
   * @throws IllegalArgumentException when it is not such a report
   */
  public static WardenReport fromBytes(byte[] bytes) {
    try {
      var report = JSON.readValue(bytes, WardenReport.class);
      if (report == null || report.version() != VERSION) {
        throw new IllegalArgumentException("not a warden's report of version " + VERSION);
      }
      return report;
    } catch (IOException e) {
      throw new IllegalArgumentException("not a warden's report: " + e.getMessage(), e);
    }
  }
}
