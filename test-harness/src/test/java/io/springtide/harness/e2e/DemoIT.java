package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.HarnessMain;
import io.springtide.harness.Needs;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.testing.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user runs it, in a process of its own. */
class DemoIT {
  private static final String NO_ENGINE = "unix:///nonexistent";

  @TempDir Path scratch;
  private Process demo;

  @AfterEach
  void nothingIsLeftBehind() throws Exception {
    if (demo == null) {
      return; // the test was skipped
    }
    demo.destroyForcibly().waitFor();
    Leftovers left = Leftovers.below(scratch);
    left.kill();
    assertThat(left.processes()).isEmpty();
  }

  @Test
  void withProcessesItEndsWellByItself() throws Exception {
    assertThat(runToItsEnd(start(NO_ENGINE, "--exit", "--timeout", "120")))
        .anyMatch(line -> line.contains("no Docker engine answers"))
        .anyMatch(line -> line.contains("all 12 instances run"));
    assertThat(demo.exitValue()).isZero();
  }

  @Test
  void withContainersItEndsWellByItself() throws Exception {
    try (var engine = Needs.docker()) {
      assertThat(runToItsEnd(start("", "--exit", "--timeout", "120")))
          .anyMatch(line -> line.contains("instances run in Docker"))
          .anyMatch(line -> line.contains("all 12 instances run"));
      assertThat(demo.exitValue()).isZero();
      assertThat(engine.hasImage("springtide-demo:" + demo.pid())).isFalse();
    }
  }

  @Test
  void interruptedHalfwayItLeavesNothingBehind() throws Exception {
    BufferedReader output = start(NO_ENGINE);
    String line = output.readLine();
    while (line != null && !line.contains("running")) {
      line = output.readLine();
    }
    assertThat(line).as("progress before the end of the output").isNotNull();

    demo.destroy(); // SIGTERM, which ends a JVM as Ctrl-C does

    assertThat(demo.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** As a service manager would; and what runs goes on meanwhile. */
  @Test
  void aFrameworkThatDiesIsStartedAgain() throws Exception {
    BufferedReader output = start(NO_ENGINE, "--timeout", "120");
    await(output, "all 12 instances run");
    ProcessHandle framework =
        demo.descendants()
            .filter(
                it ->
                    it.info().commandLine().orElse("").contains("io.springtide.server.ServerMain"))
            .findFirst()
            .orElseThrow();
    framework.destroyForcibly();
    assertThat(await(output, "the framework has ended")).contains("started again");
    await(output, "the framework is back");
    demo.destroy();
    assertThat(demo.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Not at the engine's usual place: the executors find it where the demo does. */
  @Test
  void theEngineOfTheDemoIsTheEngineOfItsExecutors() throws Exception {
    try (var unused = Needs.docker()) {
      Path door =
          Files.createSymbolicLink(scratch.resolve("engine.sock"), Path.of("/var/run/docker.sock"));
      BufferedReader output = start("unix://" + door, "--timeout", "120");
      await(output, "instances run in Docker at unix://" + door);
      await(output, "all 12 instances run");
      List<ProcessHandle> executors =
          demo.descendants()
              .filter(it -> it.info().commandLine().orElse("").contains("executor.jar"))
              .toList();
      assertThat(executors).hasSizeGreaterThan(3);
      for (ProcessHandle executor : executors) {
        assertThat(Path.of("/proc", Long.toString(executor.pid()), "environ"))
            .content()
            .contains("DOCKER_HOST=unix://" + door);
      }
      demo.destroy();
      assertThat(demo.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  /** With little time for the framework it is not given the usual minute. */
  @Test
  void theTimeoutIsTheFrameworksToo() throws Exception {
    List<String> output = runToItsEnd(start(NO_ENGINE, "--timeout", "1"));
    assertThat(output).anyMatch(line -> line.contains("is not ready after 1 s"));
    assertThat(demo.exitValue()).isEqualTo(1);
  }

  private static String await(BufferedReader output, String text) throws IOException {
    List<String> seen = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.add(line);
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("no \"" + text + "\" in " + seen);
  }

  @Test
  void whatItCannotDoItSaysAndExitsWithOne() throws Exception {
    List<String> output = runToItsEnd(start(NO_ENGINE, "--runtime", "docker"));

    assertThat(output).anyMatch(line -> line.contains("no Docker engine answers; start one"));
    assertThat(demo.exitValue()).isEqualTo(1);
  }

  private BufferedReader start(String dockerHost, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dspringtide.home=" + System.getProperty("springtide.home"),
                "-Dspringtide.executor.jar=" + System.getProperty("springtide.executor.jar"),
                "-Dlogback.configurationFile=harness-logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                HarnessMain.class.getName(),
                "demo",
                "--work-dir",
                scratch.resolve("demo").toString(),
                "--api-port",
                "0"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("XDG_CONFIG_HOME", scratch.resolve("config").toString());
    if (!dockerHost.isEmpty()) {
      builder.environment().put("DOCKER_HOST", dockerHost);
    }
    demo = builder.start();
    return demo.inputReader();
  }

  private List<String> runToItsEnd(BufferedReader output) throws Exception {
    List<String> lines = output.lines().toList();
    assertThat(demo.waitFor(Patience.seconds(), TimeUnit.SECONDS)).as("%s", lines).isTrue();
    return lines;
  }
}
