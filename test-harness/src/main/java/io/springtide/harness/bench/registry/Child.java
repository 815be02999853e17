package io.springtide.harness.bench.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server in a process of its own, which tells its port in a line of output; its CPU time and
 * memory from /proc.
 */
final class Child implements AutoCloseable {
  private static final double TICKS_PER_SECOND =
      100; // USER_HZ, the same on every Linux architecture we run on

  private final Process process;
  private final Thread reader;
  private final int port;

  private Child(Process process, Thread reader, int port) {
    this.process = process;
    this.reader = reader;
    this.port = port;
  }

  /**
   * @param ready its first group is the port, in the line that says that the server listens
   * @param lines hears every further line of output
   */
  static Child start(List<String> command, Pattern ready, Consumer<String> lines)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    CompletableFuture<Integer> port = new CompletableFuture<>();
    StringBuilder before = new StringBuilder();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader out =
                  new BufferedReader(
                      new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                  Matcher matcher = ready.matcher(line);
                  if (!port.isDone()) {
                    before.append(line).append('\n');
                    if (matcher.find()) {
                      port.complete(Integer.parseInt(matcher.group(1)));
                    }
                  }
                  lines.accept(line);
                }
              } catch (IOException e) {
                // the process is gone
              }
              port.completeExceptionally(new IOException(command.get(0) + " ended:\n" + before));
            },
            "output of " + Path.of(command.get(0)).getFileName());
    reader.setDaemon(true);
    reader.start();
    try {
      return new Child(process, reader, port.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IOException("cannot start " + command.get(0) + ": " + e.getMessage(), e);
    }
  }

  int port() {
    return port;
  }

  /** User and system time so far. */
  Duration cpu() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    double ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    return Duration.ofNanos((long) (ticks / TICKS_PER_SECOND * 1e9));
  }

  /** The largest resident set so far, in bytes. */
  long peakRss() throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no VmHWM in /proc: is this Linux?");
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it at once, as a power cut would. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    reader.join();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      reader.join();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
