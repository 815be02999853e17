package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.executor.contract.Labels;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every runtime must do; each has this suite. */
abstract class ContainerRuntimeContract {

  @TempDir Path sandbox;

  final Owner owner = new Owner("framework-" + UUID.randomUUID(), "host-1", "executor-1");
  ContainerRuntime runtime;
  private final List<Container> started = new ArrayList<>();

  abstract ContainerRuntime create();

  /** The image that the commands of this suite run in. */
  abstract String image();

  @BeforeEach
  void open() {
    runtime = create();
  }

  @AfterEach
  void close() {
    for (Container container : started) {
      done(container.kill());
      done(container.exited());
      done(container.remove());
    }
    runtime.close();
    afterClose();
  }

  /** What the machine must look like then. */
  void afterClose() {}

  @Test
  void itIsReady() {
    assertThat(done(runtime.probe())).matches(Readiness::ready, "ready");
  }

  @Test
  void itRunsACommandAndKeepsItsOutput() throws IOException {
    var container = start("t1", "/bin/sh", "-c", "echo hello; echo alas >&2; exit 3");
    assertThat(done(container.exited())).isEqualTo(new Exit(3, false));
    done(container.remove());
    assertThat(sandbox.resolve("tasks/t1/stdout")).hasContent("hello");
    assertThat(sandbox.resolve("tasks/t1/stderr")).hasContent("alas");
  }

  @Test
  void argumentsAndEnvironmentArriveAsTheyAre() {
    var setup =
        setup(
            "t1",
            image(),
            List.of("/bin/sh", "-c", "echo \"$A|$1|$2\"", "sh", "x y", "$HOME;`id`"),
            Map.of("A", "a \"b\" $c"));
    var container = start(setup);
    done(container.exited());
    done(container.remove());
    assertThat(sandbox.resolve("tasks/t1/stdout")).hasContent("a \"b\" $c|x y|$HOME;`id`");
  }

  @Test
  void askedToEndItEndsAsItLikes() throws InterruptedException {
    var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
    awaitOutput("t1", "ready");
    done(container.terminate());
    assertThat(done(container.exited())).isEqualTo(new Exit(7, false));
  }

  @Test
  void whatIgnoresTheRequestIsKilled() throws InterruptedException {
    var container =
        start("t1", "/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done");
    awaitOutput("t1", "ready");
    done(container.terminate());
    done(container.terminate());
    assertThat(container.exited().toCompletableFuture()).isNotDone();
    done(container.kill());
    assertThat(done(container.exited())).isEqualTo(new Exit(137, false));
  }

  @Test
  void askingTheDeadIsNoError() {
    var container = start("t1", "/bin/sh", "-c", "exit 0");
    assertThat(done(container.exited()).good()).isTrue();
    done(container.terminate());
    done(container.kill());
    done(container.remove());
    done(container.remove());
    done(container.terminate());
  }

  @Test
  void manyRunSideBySide() {
    var all = new ArrayList<Container>();
    for (int i = 0; i < 5; i++) {
      all.add(start("t" + i, "/bin/sh", "-c", "exit " + i));
    }
    for (int i = 0; i < 5; i++) {
      assertThat(done(all.get(i).exited()).code()).isEqualTo(i);
    }
  }

  @Test
  void aCommandRunsInside() throws InterruptedException {
    var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
    awaitOutput("t1", "ready");
    assertThat(done(container.exec(List.of("/bin/sh", "-c", "exit 0"), Duration.ofSeconds(10))))
        .isZero();
    assertThat(done(container.exec(List.of("/bin/sh", "-c", "exit 4"), Duration.ofSeconds(10))))
        .isEqualTo(4);
    var silent = List.of("/bin/sh", "-c", "exec >&- 2>&-; sleep 0.5; exit 5");
    assertThat(done(container.exec(silent, Duration.ofSeconds(10)))).isEqualTo(5);
    assertThatThrownBy(
            () ->
                done(
                    container.exec(
                        List.of("/bin/sh", "-c", "exec >&- 2>&-; sleep 20"),
                        Duration.ofMillis(300))))
        .hasRootCauseInstanceOf(TimeoutException.class);
    assertThatThrownBy(
            () ->
                done(container.exec(List.of("/bin/sh", "-c", "sleep 20"), Duration.ofMillis(300))))
        .hasRootCauseInstanceOf(TimeoutException.class);
  }

  @Test
  void itsUseIsKnown() throws InterruptedException {
    var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
    awaitOutput("t1", "ready");
    assertThat(done(container.usage()))
        .hasValueSatisfying(usage -> assertThat(usage.memoryBytes()).isPositive());
  }

  @Test
  void aProgramThatIsNotThereIsNamed() {
    var start = runtime.start(setup("t1", image(), List.of("/no/such/program"), Map.of()));
    assertThatThrownBy(() -> done(start.container()))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("/no/such/program");
  }

  /** For a test that has closed the runtime: there is nothing to tidy up through it. */
  void forgetStarted() {
    started.clear();
  }

  static final String UNTIL_TERM = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";

  Container start(String task, String... command) {
    return start(setup(task, image(), List.of(command), Map.of()));
  }

  Container start(ContainerSetup setup) {
    var container = done(runtime.start(setup).container());
    started.add(container);
    return container;
  }

  ContainerSetup setup(String task, String image, List<String> command, Map<String, String> env) {
    return new ContainerSetup(
        task,
        sandbox.resolve("tasks").resolve(task),
        image,
        command,
        env,
        Map.of(Labels.INSTANCE, "job#0"),
        new ContainerSetup.Network.Bridge(),
        List.of(),
        List.of(),
        new ContainerSetup.Limits(0.1, Optional.empty(), 64 << 20),
        new ContainerSetup.Options(false, false),
        List.of());
  }

  /** Output comes when it comes; looked for with patience and a bound. */
  void awaitOutput(String task, String text) throws InterruptedException {
    awaitText(task, "stdout", text);
  }

  void awaitText(String task, String name, String text) throws InterruptedException {
    Path file = sandbox.resolve("tasks").resolve(task).resolve(name);
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (System.nanoTime() < deadline) {
      try {
        if (Files.exists(file) && Files.readString(file).contains(text)) {
          return;
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    throw new AssertionError("no \"" + text + "\" in " + file);
  }

  static <T> T done(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(Patience.seconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeFailure failure) {
        throw failure;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("not done in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
