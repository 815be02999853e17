package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessRuntimeTest extends ContainerRuntimeContract {
  @Override
  ContainerRuntime create() {
    return new ProcessRuntime();
  }

  @Override
  String image() {
    return "";
  }

  @Test
  void theWholeTreeEnds() throws Exception {
    var container = start("t1", "/bin/sh", "-c", "sleep 1000 & echo $! ready; wait");
    awaitOutput("t1", "ready");
    var child = child("t1");
    assertThat(child.isAlive()).isTrue();
    done(container.kill());
    done(container.exited());
    done(container.remove());
    assertEnds(child);
  }

  @Test
  void whatAMainProcessLeavesBehindEndsWithIt() throws Exception {
    var container = start("t1", "/bin/sh", "-c", "sleep 1000 & echo $! ready; exit 0");
    assertThat(done(container.exited()).good()).isTrue();
    var child = child("t1");
    done(container.remove());
    assertEnds(child);
  }

  @Test
  void nothingOutlivesItsExecutor() throws Exception {
    start("t1", "/bin/sh", "-c", "trap '' TERM HUP; sleep 1000 & echo $! ready; wait");
    awaitOutput("t1", "ready");
    var child = child("t1");
    runtime.close();
    assertEnds(child);
    forgetStarted();
  }

  /** The JVM is killed, so none of its code runs any more. */
  @Test
  void notEvenOneThatIsKilled() throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var jvm =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                sandbox.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      awaitOutput("t1", "ready");
    } finally {
      jvm.destroyForcibly();
    }
    assertEnds(child("t1"));
  }

  /** An executor to be killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws InterruptedException {
      var test = new ProcessRuntimeTest();
      test.sandbox = Path.of(args[0]);
      test.open();
      test.start("t1", "/bin/sh", "-c", "sleep 1000 & echo $! ready; wait");
      Thread.currentThread().join();
    }
  }

  @Test
  void nothingOfTheExecutorsEnvironmentLeaksOut() throws IOException {
    var container = start("t1", "/usr/bin/env");
    done(container.exited());
    assertThat(Files.readAllLines(sandbox.resolve("tasks/t1/stdout")))
        .allMatch(line -> line.matches("(PATH|PWD|_|OLDPWD|SHLVL)=.*"));
  }

  @Test
  void aProgramIsFoundInThePath() {
    var container = start("t1", "true");
    assertThat(done(container.exited()).good()).isTrue();
    var start =
        runtime.start(setup("t2", "", List.of("no-such-program"), Map.of("PATH", "/a:/bin")));
    assertThatThrownBy(() -> done(start.container()))
        .hasMessageContaining("no-such-program: not found in PATH /a:/bin");
  }

  private ProcessHandle child(String task) throws IOException {
    String output = Files.readString(sandbox.resolve("tasks").resolve(task).resolve("stdout"));
    long pid = Long.parseLong(output.split(" ", -1)[0]);
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static void assertEnds(ProcessHandle process) throws Exception {
    process.onExit().get(Patience.seconds(), TimeUnit.SECONDS);
    assertThat(process.isAlive()).isFalse();
  }
}
