package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
final class Command {
  private static final int SECONDS = 90;

  /** What it ended with, and wrote to both of its outputs. */
  record Said(int exitCode, String text) {
    boolean worked() {
      return exitCode == 0;
    }
  }

  private Command() {}

  /** A program that takes longer than 90 s is killed, and failed. */
  static Said run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("command", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        if (!process.waitFor(Patience.seconds(), TimeUnit.SECONDS)) {
          return new Said(
              -1, "not at its end after " + SECONDS + " s: " + Files.readString(output));
        }
      } finally {
        process.destroyForcibly().waitFor();
      }
      byte[] text = Files.readAllBytes(output);
      return new Said(process.exitValue(), new String(text, StandardCharsets.UTF_8).strip());
    } finally {
      Files.delete(output);
    }
  }

  /** What it wrote; it must work. */
  static String mustRun(List<String> command) throws IOException, InterruptedException {
    Said said = run(command);
    assertThat(said.exitCode).as("%s: %s", command, said.text).isZero();
    return said.text;
  }
}
