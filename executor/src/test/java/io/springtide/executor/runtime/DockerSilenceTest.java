package io.springtide.executor.runtime;

import static io.springtide.executor.runtime.ContainerRuntimeContract.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.executor.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that is away while its containers live on, and comes back. */
class DockerSilenceTest {
  private static final String COUNTING =
      "n=0; while :; do n=$((n+1)); echo $n; /bin/busybox usleep 20000; done";

  @TempDir Path sandbox;
  private final Owner owner = new Owner("framework-" + UUID.randomUUID(), "host-1", "executor-1");
  private EngineDoor door;
  private DockerForTests engine;
  private DockerRuntime runtime;
  private Container container;

  @BeforeEach
  void open() throws Exception {
    Needs.docker();
    engine = DockerForTests.connect();
    door = EngineDoor.plain();
    runtime = new DockerRuntime(owner, Map.of("DOCKER_HOST", door.url()));
  }

  @AfterEach
  void close() {
    if (runtime != null) { // null where there is no engine to try it on
      runtime.close();
      door.close();
      engine.close();
    }
  }

  @Test
  void aStoppedEngineEndsNothingAndNothingOfTheOutputIsLost() throws Exception {
    container = start(COUNTING);
    await("stdout", lines -> lines.size() > 20);
    door.shut();
    var away = done(runtime.probe());
    assertThat(away.ready()).isFalse();
    assertThat(away.detail()).contains("does not answer");
    assertThat(container.exited().toCompletableFuture()).isNotDone();
    int before = lines("stdout").size();

    door.open();
    await("stdout", lines -> lines.size() > before + 100);
    assertThat(done(runtime.probe()).ready()).isTrue();
    assertThat(container.exited().toCompletableFuture()).isNotDone();
    endsWithNothingLost();
  }

  /** Whoever asks about the container finds its engine there again, as if nothing had happened. */
  @Test
  void anEngineThatIsBackBeforeAnyoneAsksHasBrokenTheOutputAllTheSame() throws Exception {
    container = start(COUNTING);
    await("stdout", lines -> lines.size() > 20);
    int before = lines("stdout").size();
    door.shut();
    door.open();
    await("stdout", lines -> lines.size() > before + 100);
    endsWithNothingLost();
  }

  /** The engine logs a line of 40 kB in three entries, and hands each out in many pieces. */
  @Test
  void linesOfAnyLengthAreReadOnFromTheLogAsTheyWere() throws Exception {
    String text = "0123456789 zz".repeat(3000);
    container = start("while :; do echo " + text + "; /bin/busybox usleep 20000; done");
    await("stdout", lines -> lines.size() > 5);
    for (int breaks = 0; breaks < 3; breaks++) {
      int before = lines("stdout").size();
      door.shut();
      door.open();
      await("stdout", lines -> lines.size() > before + 100);
    }
    done(container.kill());
    done(container.exited());
    done(container.remove());
    assertThat(lines("stderr")).hasSize(1);
    var other = lines("stdout").stream().filter(line -> !line.equals(text)).toList();
    assertThat(other).as("the line that broke off").hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void anEngineThatHangsDoesNotAnswerUntilItGoesOn() throws Exception {
    container = start(COUNTING);
    await("stdout", lines -> lines.size() > 20);
    door.block();
    var asked = runtime.probe().toCompletableFuture();
    var again = runtime.probe().toCompletableFuture();
    assertThat(asked).isNotDone();
    assertThat(container.exited().toCompletableFuture()).isNotDone();
    door.open();
    assertThat(done(asked).ready()).isTrue();
    assertThat(done(again).ready()).isTrue();
    int now = lines("stdout").size();
    await("stdout", lines -> lines.size() > now + 20);
    assertThat(container.exited().toCompletableFuture()).isNotDone();
  }

  @Test
  void anEndThatIsNotHandedOutIsSaidToBeMissing() throws Exception {
    container = start(COUNTING);
    await("stdout", lines -> lines.size() > 20);
    door.block();
    var removed = container.remove();
    await("stderr", lines -> lines.toString().contains("the end of this output is missing"));
    door.open();
    done(removed);
    assertThat(engine.containersOf(owner.framework())).isZero();
  }

  private void endsWithNothingLost() throws Exception {
    done(container.kill());
    done(container.exited());
    done(container.remove());
    int last = 0;
    for (String line : lines("stdout")) {
      int number = Integer.parseInt(line);
      assertThat(number).as("after %s", last).isLessThanOrEqualTo(last + 1);
      last = Math.max(last, number);
    }
    assertThat(lines("stderr"))
        .anyMatch(line -> line.contains("lines of one second may come twice"));
  }

  private Container start(String script) {
    return done(
        runtime
            .start(
                new ContainerSetup(
                    "t1",
                    sandbox,
                    engine.busybox(),
                    List.of("/bin/sh", "-c", script),
                    Map.of(),
                    Map.of(),
                    new ContainerSetup.Network.Bridge(),
                    List.of(),
                    List.of(),
                    new ContainerSetup.Limits(0.1, Optional.empty(), 64 << 20),
                    new ContainerSetup.Options(false, false),
                    List.of()))
            .container());
  }

  /** All whole lines. */
  private List<String> lines(String name) throws Exception {
    String text = Files.readString(sandbox.resolve(name));
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private void await(String name, Predicate<List<String>> enough) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!enough.test(lines(name))) {
      assertThat(System.nanoTime()).as("%s", lines(name)).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
