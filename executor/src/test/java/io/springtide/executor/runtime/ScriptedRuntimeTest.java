package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The runtime of the stories keeps the contract of the real ones. */
class ScriptedRuntimeTest extends ContainerRuntimeContract {
  private final List<String> log = new ArrayList<>();

  @Override
  ContainerRuntime create() {
    return new ScriptedRuntime("scripted", log);
  }

  @Override
  String image() {
    return "scripted";
  }

  @Override
  @Test
  void aCommandRunsInside() throws InterruptedException {
    var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
    awaitOutput("t1", "ready");
    ((ScriptedRuntime) runtime).container("t1").execExits(4);
    assertThat(done(container.exec(List.of("/bin/sh"), Duration.ofSeconds(1)))).isEqualTo(4);
  }
}
