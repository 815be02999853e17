package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.model.Container;
import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DockerRuntimeTest extends OnDocker {
  @Override
  void afterClose() {
    assertThat(mine()).isEmpty();
  }

  @Override
  ContainerRuntime create() {
    return new DockerRuntime(owner, System.getenv());
  }

  private List<Container> mine() {
    return engine
        .calls()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(owner.place())
        .exec();
  }

  @Test
  void itSaysWhichEngineAndApi() {
    assertThat(done(runtime.probe()).detail())
        .as("with its storage driver")
        .matches("docker [0-9.]+.* \\(API 1\\.\\d+, [a-z0-9-]+\\)");
  }

  @Test
  void anEngineThatIsNotThereIsNotReady() {
    try (var none = new DockerRuntime(owner, Map.of("DOCKER_HOST", "unix:///nonexistent"))) {
      var readiness = done(none.probe());
      assertThat(readiness.ready()).isFalse();
      assertThat(readiness.detail()).contains("unix:///nonexistent").contains("start one");
      assertThatThrownBy(
              () -> done(none.start(setup("t1", image(), List.of(), Map.of())).container()))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("unix:///nonexistent");
    }
  }

  @Test
  void anImageThatCannotBeHadIsReportedInTheEnginesWords() {
    var start = runtime.start(setup("t1", "localhost:1/no/such", List.of("x"), Map.of()));
    assertThatThrownBy(() -> done(start.container()))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("cannot pull localhost:1/no/such")
        .hasMessageContaining("connection refused");
  }

  @Test
  void containersSayWhoseTheyAre() {
    start("t1", "/bin/sh", "-c", UNTIL_TERM);
    assertThat(mine())
        .singleElement()
        .satisfies(
            it ->
                assertThat(it.getLabels())
                    .containsEntry(Labels.FRAMEWORK, owner.framework())
                    .containsEntry(Labels.HOST, owner.host())
                    .containsEntry(Labels.EXECUTOR, owner.executor())
                    .containsEntry(Labels.TASK, "t1")
                    .containsEntry(Labels.INSTANCE, "job#0")
                    .containsEntry(Labels.PART, "main"));
  }

  @Test
  void aNewExecutorRemovesWhatTheLastOneLeft() {
    start("t1", "/bin/sh", "-c", UNTIL_TERM);
    try (var next = new DockerRuntime(new Owner(owner.framework(), owner.host(), "e2"), Map.of())) {
      assertThat(done(next.removeLeftovers())).hasSize(1);
      assertThat(mine()).isEmpty();
      assertThat(done(next.removeLeftovers())).isEmpty();
    }
  }

  @Test
  void onlyWhatIsItsOwnIsALeftover() {
    var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
    assertThat(done(runtime.removeLeftovers())).as("of a runtime's own").isEmpty();
    try (var other = new DockerRuntime(new Owner(owner.framework(), "host-2", "e2"), Map.of())) {
      assertThat(done(other.removeLeftovers())).as("of another host").isEmpty();
    }
    assertThat(container.exited().toCompletableFuture()).isNotDone();
  }

  /** Removal is tried again while tasks run, and must take neither their tools nor what starts. */
  @Test
  void whatIsStartedMeanwhileIsNoLeftover() {
    start("old", "/bin/sh", "-c", UNTIL_TERM);
    try (var next = new DockerRuntime(new Owner(owner.framework(), owner.host(), "e2"), Map.of())) {
      var starts =
          List.of("t1", "t2", "t3").stream()
              .map(task -> next.start(setup(task, image(), List.of("sleep", "600"), Map.of())))
              .toList();
      assertThat(done(next.removeLeftovers())).hasSize(1);
      starts.forEach(start -> done(start.container()));
      assertThat(done(next.removeLeftovers())).isEmpty();
      assertThat(mine()).hasSize(3);
      starts.forEach(start -> done(done(start.container()).remove()));
    }
  }

  @Test
  void detachingLeavesContainersRunning() {
    start("t1", "/bin/sh", "-c", UNTIL_TERM);
    runtime.close();
    assertThat(mine()).singleElement().matches(it -> it.getState().equals("running"));
    forgetStarted();
    runtime = create();
    done(runtime.removeLeftovers());
  }

  @Test
  void whatSomebodyElseRemovesHasEnded() {
    var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
    engine.calls().removeContainerCmd(container.id()).withForce(true).exec();
    assertThat(done(container.exited()).code()).isEqualTo(137);
  }

  @Test
  void memoryHasALimit() {
    var container = start("t1", "/bin/sh", "-c", "x=0123456789; while :; do x=$x$x$x$x; done");
    var exit = done(container.exited());
    assertThat(exit.outOfMemory() || exit.code() != 0).as("%s", exit).isTrue();
  }

  @Test
  void portsAreMappedToTheHost() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    var plain =
        setup("t1", image(), List.of("/bin/busybox", "httpd", "-f", "-p", "8080"), Map.of());
    start(
        new ContainerSetup(
            plain.task(),
            plain.directory(),
            plain.image(),
            plain.command(),
            plain.env(),
            plain.labels(),
            plain.network(),
            List.of(new TaskDocument.Port("http", 8080, port)),
            plain.mounts(),
            plain.limits(),
            plain.options(),
            plain.tools()));
    assertThat(mine().get(0).getPorts())
        .anySatisfy(
            it -> {
              assertThat(it.getPrivatePort()).isEqualTo(8080);
              assertThat(it.getPublicPort()).isEqualTo(port);
            });
  }

  @Test
  void toolsShareNetworkAndGoWithTheirContainer() throws Exception {
    var container = start(withTool("t1", UNTIL_TERM, "echo $WHO; sleep 1000"));
    awaitOutput("t1", "ready");
    var tool =
        mine().stream()
            .filter(it -> it.getLabels().get(Labels.PART).equals("tool:tail"))
            .findFirst()
            .orElseThrow();
    assertThat(
            engine
                .calls()
                .inspectContainerCmd(tool.getId())
                .exec()
                .getHostConfig()
                .getNetworkMode())
        .isEqualTo("container:" + container.id());
    done(container.terminate());
    done(container.exited());
    done(container.remove());
    assertThat(mine()).isEmpty();
    assertThat(sandbox.resolve("tasks/t1/tail.stdout")).hasContent("tool");
  }

  /** The engine reads its own log much slower than a container can write it. */
  @Test
  void theEndOfALongOutputIsThere() throws Exception {
    var container = start("t1", "/bin/busybox", "seq", "2000000");
    assertThat(done(container.exited()).good()).isTrue();
    done(container.remove());
    try (var lines = Files.lines(sandbox.resolve("tasks/t1/stdout"))) {
      var numbers = new int[1];
      lines.forEach(line -> assertThat(line).isEqualTo(Integer.toString(++numbers[0])));
      assertThat(numbers[0]).isEqualTo(2_000_000);
    }
    assertThat(sandbox.resolve("tasks/t1/stderr")).isEmptyFile();
  }

  @Test
  void theLastWordsOfAPlannedStopAreThereAndThoseOfTools() throws Exception {
    String words =
        "trap '/bin/busybox seq 100000; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    var container = start(withTool("t1", words, words));
    awaitOutput("t1", "ready");
    awaitText("t1", "tail.stdout", "ready");
    done(container.terminate());
    done(container.exited());
    done(container.remove());
    for (String file : List.of("stdout", "tail.stdout")) {
      var lines = Files.readAllLines(sandbox.resolve("tasks/t1").resolve(file));
      assertThat(lines).as(file).hasSize(100_001).endsWith("100000");
    }
  }

  @Test
  void aToolThatWasRestartedIsStillHeard() throws Exception {
    start(
        withTool(
            "t1",
            UNTIL_TERM,
            "n=0; [ -e /n ] && n=$(cat /n); n=$((n+1)); echo $n >/n; echo life $n; sleep 0.3"));
    awaitText("t1", "tail.stdout", "life 3");
    assertThat(Files.readAllLines(sandbox.resolve("tasks/t1/tail.stdout")))
        .startsWith("life 1", "life 2", "life 3");
  }

  @Test
  void theEnginesOwnLogIsBoundedAndContainersHaveNames() {
    start(withTool("feed.api.0.7", UNTIL_TERM, "sleep 1000"));
    for (Container it : mine()) {
      var found = engine.calls().inspectContainerCmd(it.getId()).exec();
      assertThat(found.getHostConfig().getLogConfig().getConfig())
          .as(found.getName())
          .containsKeys("max-size", "max-file");
      assertThat(found.getName()).matches("/tide\\.feed\\.api\\.0\\.7\\.[0-9a-f]{8}(\\.tail)?");
    }
    // The same task of another framework on the same engine.
    var others = new Owner("framework-" + UUID.randomUUID(), owner.host(), owner.executor());
    try (var other = new DockerRuntime(others, Map.of())) {
      var setup = setup("feed.api.0.7", image(), List.of("/bin/sh", "-c", "exit 0"), Map.of());
      var container = done(other.start(setup).container());
      done(container.exited());
      done(container.remove());
    }
  }

  private ContainerSetup withTool(String task, String main, String tool) {
    var plain = setup(task, image(), List.of("/bin/sh", "-c", main), Map.of());
    return new ContainerSetup(
        plain.task(),
        plain.directory(),
        plain.image(),
        plain.command(),
        plain.env(),
        plain.labels(),
        plain.network(),
        plain.ports(),
        plain.mounts(),
        plain.limits(),
        plain.options(),
        List.of(
            new TaskDocument.Tool(
                "tail", image(), List.of("/bin/sh", "-c", tool), Map.of("WHO", "tool"))));
  }

  @Test
  void anUntaggedImageMeansTheLatest() {
    assertThat(DockerPull.withTag("busybox")).isEqualTo("busybox:latest");
    assertThat(DockerPull.withTag("host:5000/a/b")).isEqualTo("host:5000/a/b:latest");
    assertThat(DockerPull.withTag("host:5000/a/b:1")).isEqualTo("host:5000/a/b:1");
    assertThat(DockerPull.withTag("a@sha256:1234")).isEqualTo("a@sha256:1234");
  }
}
