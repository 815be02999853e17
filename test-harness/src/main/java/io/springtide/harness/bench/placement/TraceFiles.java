package io.springtide.harness.bench.placement;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Workloads and placements as comma-separated files with a header line. */
final class TraceFiles {
  private static final String HOSTS = "host,cpu_milli,memory_mib,rack,zone";
  private static final String INSTANCES = "instance,job,cpu_milli,memory_mib";

  private TraceFiles() {}

  /**
   * Reads hosts and instances. Instances of one job and one size that follow each other are one
   * batch; the order of the file is kept.
   */
  static Workload read(Path hostsFile, Path instancesFile) throws IOException {
    List<Workload.Host> hosts = new ArrayList<>();
    for (String[] row : rows(hostsFile, HOSTS)) {
      hosts.add(
          new Workload.Host(
              row[0], number(hostsFile, row, 1), number(hostsFile, row, 2), row[3], row[4], ""));
    }
    List<Workload.Job> jobs = new ArrayList<>();
    List<String> batch = null;
    String[] last = null;
    for (String[] row : rows(instancesFile, INSTANCES)) {
      boolean same =
          last != null
              && last[1].equals(row[1])
              && last[2].equals(row[2])
              && last[3].equals(row[3]);
      if (!same) {
        batch = new ArrayList<>();
        jobs.add(
            new Workload.Job(
                "bench.trace-" + jobs.size(),
                number(instancesFile, row, 2),
                number(instancesFile, row, 3),
                batch,
                0,
                false,
                false,
                -1));
      }
      batch.add(row[0]);
      last = row;
    }
    return new Workload(hosts, jobs);
  }

  static void write(Path out, Workload workload, Map<String, String> hostOf) throws IOException {
    try (Writer writer = Files.newBufferedWriter(out)) {
      writer.write("instance,host\n");
      for (Workload.Job job : workload.jobs()) {
        for (String instance : job.instances()) {
          if (hostOf.containsKey(instance)) {
            writer.write(instance + "," + hostOf.get(instance) + "\n");
          }
        }
      }
    }
  }

  /** The generated hosts and instances beside a placement, for somebody else's oracle. */
  static void writeWorkload(Path out, Workload workload) throws IOException {
    Map<String, String> sibling = new HashMap<>();
    sibling.put("hosts", out + ".hosts.csv");
    sibling.put("instances", out + ".instances.csv");
    try (Writer writer = Files.newBufferedWriter(Path.of(sibling.get("hosts")))) {
      writer.write(HOSTS + ",disk\n");
      for (Workload.Host h : workload.hosts()) {
        writer.write(
            String.join(
                    ",",
                    h.id(),
                    Long.toString(h.cpuMillis()),
                    Long.toString(h.memoryMiB()),
                    h.rack(),
                    h.zone(),
                    h.disk())
                + "\n");
      }
    }
    try (Writer writer = Files.newBufferedWriter(Path.of(sibling.get("instances")))) {
      writer.write(INSTANCES + ",max_per_host,ssd,apart_from\n");
      for (Workload.Job job : workload.jobs()) {
        String apart = job.apartFrom() < 0 ? "" : workload.jobs().get(job.apartFrom()).id();
        for (String instance : job.instances()) {
          writer.write(
              String.join(
                      ",",
                      instance,
                      job.id(),
                      Long.toString(job.cpuMillis()),
                      Long.toString(job.memoryMiB()),
                      Integer.toString(job.maxPerHost()),
                      Boolean.toString(job.ssd()),
                      apart)
                  + "\n");
        }
      }
    }
  }

  private static List<String[]> rows(Path file, String header) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !lines.get(0).strip().equals(header)) {
      throw new IOException(file + ": the first line must be " + header);
    }
    int columns = header.split(",", -1).length;
    List<String[]> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String[] row = lines.get(i).strip().split(",", -1);
      if (row.length != columns) {
        throw new IOException(
            file + ", line " + (i + 1) + ": " + row.length + " columns instead of " + columns);
      }
      rows.add(row);
    }
    return rows;
  }

  private static long number(Path file, String[] row, int column) throws IOException {
    try {
      return Math.round(Double.parseDouble(row[column]));
    } catch (NumberFormatException e) {
      throw new IOException(
          file + ": '" + row[column] + "' of '" + row[0] + "' is not a number", e);
    }
  }
}
