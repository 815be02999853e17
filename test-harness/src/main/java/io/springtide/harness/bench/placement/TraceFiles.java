package io.springtide.harness.bench.placement;

import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.io.Writer;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Workloads and placements as comma-separated files with a header line. */
final class TraceFiles {
  private static final List<String> HOSTS =
      List.of("host", "cpu_milli", "memory_mib", "rack", "zone");
  private static final List<String> INSTANCES =
      List.of("instance", "job", "cpu_milli", "memory_mib");

  private static final String GPUS = "gpus";

  private TraceFiles() {}

  /**
   * Reads hosts and instances. Instances of one size that follow each other are one batch, of
   * whatever job: a trace has no rules that tell jobs apart. The order of the file is kept.
   *
   * @throws BadTraceException naming file, line and column
   */
  static Workload read(Path hostsFile, Path instancesFile) throws IOException {
    return new Workload(hosts(hostsFile), batches(instancesFile));
  }

  private static List<Workload.Host> hosts(Path file) throws IOException {
    CsvTable table = CsvTable.read(file, HOSTS);
    List<Workload.Host> hosts = new ArrayList<>();
    Map<String, Integer> lineOf = new HashMap<>();
    for (CsvTable.Row row : table.rows()) {
      String id = once(table, row, "host", lineOf);
      hosts.add(
          new Workload.Host(
              id,
              table.amount(row, "cpu_milli", RoundingMode.FLOOR, HostSpec.MAX_AMOUNT),
              table.amount(row, "memory_mib", RoundingMode.FLOOR, HostSpec.MAX_AMOUNT),
              gpus(table, row, RoundingMode.FLOOR),
              table.text(row, "rack"),
              table.text(row, "zone"),
              table.has("disk") ? table.text(row, "disk") : ""));
    }
    return hosts;
  }

  private static List<Workload.Job> batches(Path file) throws IOException {
    record Shape(long cpuMillis, long memoryMiB, long gpus) {}
    CsvTable table = CsvTable.read(file, INSTANCES);
    List<Workload.Job> batches = new ArrayList<>();
    Map<String, Integer> lineOf = new HashMap<>();
    Map<Shape, String> jobs = new HashMap<>();
    List<String> batch = List.of();
    Shape last = null;
    for (CsvTable.Row row : table.rows()) {
      String id = once(table, row, "instance", lineOf);
      table.name(row, "job");
      Shape shape =
          new Shape(
              table.amount(row, "cpu_milli", RoundingMode.CEILING, Resources.MAX_AMOUNT),
              table.amount(row, "memory_mib", RoundingMode.CEILING, Resources.MAX_AMOUNT),
              gpus(table, row, RoundingMode.CEILING));
      if (shape.cpuMillis == 0 && shape.memoryMiB == 0 && shape.gpus == 0) {
        throw table.bad(
            row, "cpu_milli", "instance " + id + " takes nothing", "give it cpus, memory or gpus");
      }
      if (!shape.equals(last)) {
        batch = new ArrayList<>();
        String job = jobs.computeIfAbsent(shape, s -> "bench.trace-" + jobs.size());
        batches.add(
            new Workload.Job(
                job, shape.cpuMillis, shape.memoryMiB, shape.gpus, batch, 0, false, false, -1));
      }
      batch.add(id);
      last = shape;
    }
    return batches;
  }

  /** Whole GPUs; a file without the column has none. */
  private static long gpus(CsvTable table, CsvTable.Row row, RoundingMode rounding)
      throws BadTraceException {
    return table.has(GPUS) ? table.amount(row, GPUS, rounding, HostSpec.MAX_AMOUNT) : 0;
  }

  private static String once(
      CsvTable table, CsvTable.Row row, String column, Map<String, Integer> lineOf)
      throws BadTraceException {
    String id = table.name(row, column);
    Integer before = lineOf.putIfAbsent(id, row.line());
    if (before != null) {
      throw table.bad(
          row, column, "'" + id + "' is in line " + before + " already", "name each once");
    }
    return id;
  }

  /** The placements as {@code instance,host}, in the order of the workload. */
  static void write(Path out, Workload workload, Map<String, String> hostOf) throws IOException {
    try (Writer writer = Files.newBufferedWriter(out)) {
      writer.write("instance,host\n");
      for (Workload.Job job : workload.jobs()) {
        for (String instance : job.instances()) {
          if (hostOf.containsKey(instance)) {
            line(writer, instance, hostOf.get(instance));
          }
        }
      }
    }
  }

  /** The generated hosts and instances beside a placement, for somebody else's oracle. */
  static void writeWorkload(Path out, Workload workload) throws IOException {
    try (Writer writer = Files.newBufferedWriter(Path.of(out + ".hosts.csv"))) {
      writer.write(String.join(",", HOSTS) + ",disk,gpus\n");
      for (Workload.Host h : workload.hosts()) {
        line(writer, h.id(), h.cpuMillis(), h.memoryMiB(), h.rack(), h.zone(), h.disk(), h.gpus());
      }
    }
    try (Writer writer = Files.newBufferedWriter(Path.of(out + ".instances.csv"))) {
      writer.write(String.join(",", INSTANCES) + ",max_per_host,zone_skew,ssd,apart_from,gpus\n");
      for (Workload.Job job : workload.jobs()) {
        String apart = job.apartFrom() < 0 ? "" : workload.jobs().get(job.apartFrom()).id();
        String skew = job.spread() ? "1" : "";
        for (String instance : job.instances()) {
          line(
              writer,
              instance,
              job.id(),
              job.cpuMillis(),
              job.memoryMiB(),
              job.maxPerHost(),
              skew,
              job.ssd(),
              apart,
              job.gpus());
        }
      }
    }
  }

  private static void line(Writer writer, Object... cells) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Object cell : cells) {
      texts.add(CsvText.cell(cell.toString()));
    }
    writer.write(String.join(",", texts) + "\n");
  }
}
