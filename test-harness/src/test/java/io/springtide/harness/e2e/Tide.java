package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.cli.TideMain;
import io.springtide.harness.cluster.FrameworkProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line as a process of its own. */
final class Tide {
  private Tide() {}

  /** Runs it, and sees it succeed; returns what it says. */
  static String run(FrameworkProcess framework, String... arguments) throws Exception {
    return run(
        Map.of(
            "TIDE_API", framework.uri().toString(),
            "XDG_CONFIG_HOME", framework.configHome().toString()),
        arguments);
  }

  /**
   * As the other.
   *
   * @param environment the variables that it finds besides ours
   */
  static String run(Map<String, String> environment, String... arguments) throws Exception {
    Said said = say(environment, arguments);
    assertThat(said.code()).as("tide %s: %s", List.of(arguments), said.output()).isZero();
    return said.output();
  }

  /**
   * What came of it.
   *
   * @param code exit code
   * @param output what it said on either
   */
  record Said(int code, String output) {}

  /** Runs it, whatever comes of it. */
  static Said say(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TideMain.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process tide = builder.start();
    try {
      String output = new String(tide.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Said(tide.waitFor(), output);
    } finally {
      tide.destroyForcibly();
    }
  }
}
