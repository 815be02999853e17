package io.springtide.executor.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.executor.contract.TaskDocument.ConsulService;
import io.springtide.executor.contract.TaskDocument.Discovery;
import io.springtide.executor.contract.TaskDocument.Port;
import io.springtide.executor.contract.TaskDocument.Runtime;
import io.springtide.executor.contract.TaskDocument.Tool;
import io.springtide.executor.contract.TaskDocument.Upsync;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskDocumentTest {
  private static final TaskDocument FULL =
      TaskDocument.instance("weibo.feed.api", "weibo.feed.api#3", 7, Runtime.DOCKER)
          .command(List.of("/bin/server", "--quiet"))
          .env(Map.of("MODE", "prod", "A", ""))
          .ports(List.of(new Port("http", 8080, 31005), new Port("admin", 0, 31006)))
          .discovery(
              List.of(
                  Discovery.of(new ConsulService("feed-api", "http", List.of("v1"))),
                  Discovery.of(new Upsync("feed-api", "http", 20, 30_000))))
          .drainMillis(10_000)
          .tools(List.of(new Tool("logtail", "tools/logtail:3", List.of("-f"), Map.of("X", "1"))))
          .consul("127.0.0.1:8500")
          .build();

  @Test
  void whatIsWrittenIsRead() {
    assertThat(TaskDocument.fromBytes(FULL.toBytes())).isEqualTo(FULL);
    var warden = TaskDocument.warden("host-1", "127.0.0.1:8500");
    assertThat(TaskDocument.fromBytes(warden.toBytes())).isEqualTo(warden);
  }

  @Test
  void whatHasItsDefaultIsNotWritten() {
    assertThat(new String(TaskDocument.warden("host-1", "").toBytes(), UTF_8))
        .isEqualTo("{\"version\":1,\"kind\":\"warden\",\"instance\":\"host-1\"}");
    var least =
        TaskDocument.instance("a", "a#0", 1, Runtime.PROCESS).command(List.of("run")).build();
    assertThat(new String(least.toBytes(), UTF_8))
        .isEqualTo(
            "{\"version\":1,\"kind\":\"instance\",\"instance\":\"a#0\",\"job\":\"a\","
                + "\"generation\":1,\"runtime\":\"process\",\"command\":[\"run\"]}");
  }

  /** Earlier releases told executors to take containers over, and none did. */
  @Test
  void whatAnEarlierReleaseAskedForInVainIsPassedOver() {
    String text = "{\"version\":1,\"kind\":\"warden\",\"instance\":\"host-1\",\"adopt\":true}";
    assertThat(TaskDocument.fromBytes(text.getBytes(UTF_8)))
        .isEqualTo(TaskDocument.warden("host-1", ""));
  }

  @Test
  void aPortIsTheSameInsideUnlessItSaysAnother() {
    assertThat(FULL.ports()).extracting(Port::inside).containsExactly(8080, 31006);
  }

  @Test
  void anotherVersionIsRefusedBeforeItsFieldsAreLookedAt() {
    assertRefused("{\"version\":2,\"new\":1}", "version 2: this executor reads version 1");
  }

  @Test
  void whatIsNotOursIsRefused() {
    assertRefused("", "not a task document");
    assertRefused("[]", "not a task document");
    assertRefused("{}", "not a task document");
    assertRefused("hello", "task document: ");
    assertRefused("{\"version\":1}", "without a kind");
    assertRefused("{\"version\":1,\"kind\":\"zebra\"}", "zebra");
    assertRefused("{\"version\":1,\"kind\":\"warden\"}", "without an instance id");
    assertRefused(
        "{\"version\":1,\"kind\":\"warden\",\"instance\":\"h\",\"colour\":1}", "\"colour\"");
    assertThatThrownBy(() -> TaskDocument.fromBytes(new byte[TaskDocument.MAX_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
  }

  @Test
  void whatContradictsItselfIsRefused() {
    var process = TaskDocument.instance("a", "a#0", 1, Runtime.PROCESS);
    assertThatThrownBy(process::build).hasMessageContaining("has no command");
    process.command(List.of("run"));
    assertThatThrownBy(() -> process.drainMillis(-1).build()).hasMessageContaining("drainMillis");
    process.drainMillis(0).ports(List.of(new Port("http", 0, 1), new Port("http", 0, 2)));
    assertThatThrownBy(process::build).hasMessageContaining("port twice");
    process.ports(List.of()).discovery(List.of(Discovery.of(new ConsulService("s", "http", null))));
    assertThatThrownBy(process::build).hasMessageContaining("port http, which it does not have");
    process.discovery(List.of()).tools(List.of(new Tool("t", "i", null, null)));
    assertThatThrownBy(process::build).hasMessageContaining("docker runtime");
    assertThatThrownBy(() -> new Port("http", 0, 65536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> new Port("http", -1, 1)).hasMessageContaining("-1");
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> TaskDocument.fromBytes(json.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
