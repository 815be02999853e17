package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a program to its end. */
final class Command {
  /** A pull is many steps, and some clients wait half a minute between two of them. */
  private static final Duration LIMIT = Patience.of(Duration.ofMinutes(3));

  /** What it ended with, and wrote to both of its outputs. */
  record Said(int exitCode, String text) {
    boolean worked() {
      return exitCode == 0;
    }
  }

  private Command() {}

  /** A program that takes longer than 3 min is asked where it stands, killed, and failed. */
  static Said run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("command", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          quit(process);
          return new Said(-1, "not at its end after " + LIMIT + ": " + Files.readString(output));
        }
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      byte[] text = Files.readAllBytes(output);
      return new Said(process.exitValue(), new String(text, StandardCharsets.UTF_8).strip());
    } finally {
      Files.delete(output);
    }
  }

  /** Told to quit, a Go program writes where each of its goroutines stands, and ends. */
  private static void quit(Process process) throws IOException, InterruptedException {
    List<String> kill =
        Stream.concat(
                Stream.of("kill", "-QUIT"),
                Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                    .map(each -> Long.toString(each.pid())))
            .toList();
    new ProcessBuilder(kill).start().waitFor();
    process.waitFor(5, TimeUnit.SECONDS);
  }

  /** What it wrote; it must work. */
  static String mustRun(List<String> command) throws IOException, InterruptedException {
    Said said = run(command);
    assertThat(said.exitCode).as("%s: %s", command, said.text).isZero();
    return said.text;
  }
}
