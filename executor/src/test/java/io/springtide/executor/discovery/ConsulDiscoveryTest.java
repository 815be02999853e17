package io.springtide.executor.discovery;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.health.HealthPolicy;
import io.springtide.executor.loop.VirtualLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsulDiscoveryTest {
  private static final String ID = "springtide:framework-1:t1:3:feed-api:http";
  private static final String ALIVE = ID + ":alive";

  private final VirtualLoop loop = new VirtualLoop();
  private StubConsul consul;
  private ConsulDiscovery discovery;

  @BeforeEach
  void start() throws IOException {
    consul = new StubConsul();
    discovery = on("host-1");
  }

  @AfterEach
  void close() {
    discovery.close();
    consul.close();
  }

  private ConsulDiscovery on(String host) {
    return ConsulDiscovery.start(
        loop, consul.address(), Optional.of("a-token"), "framework-1", host);
  }

  @Test
  void anEndpointIsRegisteredCriticalAndThenPassed() {
    announced();
    assertThat(consul.happened()).containsExactly("service/register", "check/pass/" + ALIVE);
    assertThat(consul.tokens()).containsExactly("a-token");
  }

  @Test
  void aFailureAndARecoveryAreSaidOnce() {
    var entry = announced();
    consul.happened();
    entry.failing("ill");
    loop.await("critical", () -> consul.check(ALIVE).equals("critical"));
    entry.failing("still ill");
    entry.passing();
    loop.await("passing", () -> consul.check(ALIVE).equals("passing"));
    assertThat(consul.happened())
        .startsWith("check/fail/" + ALIVE)
        .endsWith("check/pass/" + ALIVE)
        .doesNotContain("service/register");
  }

  @Test
  void aHeartbeatKeepsTheEntryAlive() {
    announced();
    consul.happened();
    loop.pass(ConsulDiscovery.HEARTBEAT);
    loop.await("a pass", () -> consul.happened().contains("check/pass/" + ALIVE));
  }

  @Test
  void aWithdrawalIsConfirmedAndFinal() {
    var entry = announced();
    var withdrawn = entry.withdraw().toCompletableFuture();
    loop.await("withdrawn", withdrawn::isDone);
    assertThat(consul.ids()).isEmpty();
    consul.happened();
    entry.passing();
    entry.failing("late");
    loop.pass(Duration.ofMinutes(2));
    assertThat(consul.happened()).as("a late word of an ended attempt").isEmpty();
  }

  @Test
  void aSecondWithdrawalTakesItOutAgain() {
    var entry = announced();
    var first = entry.withdraw().toCompletableFuture();
    loop.await("withdrawn", first::isDone);
    consul.add(ID, JsonNodeFactory.instance.objectNode());
    var second = entry.withdraw().toCompletableFuture();
    loop.await("withdrawn again", second::isDone);
    assertThat(consul.ids()).isEmpty();
  }

  @Test
  void withoutConsulAStopGoesOnAfterAWhile() {
    var entry = announced();
    consul.refuse(true);
    var withdrawn = entry.withdraw().toCompletableFuture();
    loop.await("refused", () -> consul.happened().toString().contains("refused"));
    loop.pass(ConsulEntry.PATIENCE.minusMillis(1));
    assertThat(withdrawn).isNotDone();
    loop.pass(Duration.ofMillis(1));
    assertThat(withdrawn).isDone();

    consul.refuse(false);
    awaitPassingTime("gone in the end", () -> consul.ids().isEmpty());
  }

  @Test
  void withoutConsulARegistrationIsTriedAgainWithPauses() {
    consul.refuse(true);
    discovery.announce(endpoint("t1")).passing();
    int tries = 0;
    for (int second = 0; second < 60; second++) {
      loop.pass(ofSeconds(1));
      awaitQuiet();
      tries += consul.happened().size();
    }
    assertThat(tries).isBetween(5, 20);
    consul.refuse(false);
    awaitPassingTime("passing", () -> consul.check(ALIVE).equals("passing"));
  }

  @Test
  void aConsulThatHasForgottenIsToldAgain() {
    announced();
    consul.forget();
    awaitPassingTime(
        "registered and passing again",
        () -> consul.ids().contains(ID) && consul.check(ALIVE).equals("passing"));
    assertThat(loop.now()).isLessThanOrEqualTo(ConsulDiscovery.SYNC.plusSeconds(1));
  }

  @Test
  void anEntryThatSomebodyChangedIsMended() {
    announced();
    consul.add(ID, JsonNodeFactory.instance.objectNode().put("Service", "other"));
    awaitPassingTime("mended", () -> consul.happened().contains("service/register"));
  }

  @Test
  void whatEarlierExecutorsLeftIsRemovedAndNothingElse() throws IOException {
    discovery.close();
    add("springtide:framework-1:old:1:feed-api:http", "host-1");
    add("springtide:framework-1:old:1:feed-api:http2", "host-2");
    add("springtide:framework-2:old:1:feed-api:http", "host-1");
    add("redis", "host-1");
    discovery = on("host-1");
    loop.await("removed", () -> consul.ids().size() == 3);
    awaitQuiet();
    assertThat(consul.happened())
        .containsExactly("service/deregister/springtide:framework-1:old:1:feed-api:http");
  }

  @Test
  void aStrayThatCannotBeRemovedIsTriedAtTheNextSync() {
    add("springtide:framework-1:old:1:feed-api:http", "host-1");
    consul.refuse(true);
    loop.pass(ConsulDiscovery.SYNC);
    awaitQuiet();
    consul.refuse(false);
    awaitPassingTime("removed", () -> consul.ids().isEmpty());
  }

  private void add(String id, String host) {
    var service = JsonNodeFactory.instance.objectNode();
    service.putObject("Meta").put("springtide-host", host);
    consul.add(id, service);
  }

  private Announcement announced() {
    var entry = discovery.announce(endpoint("t1"));
    entry.passing();
    loop.await("passing", () -> consul.check(ALIVE).equals("passing"));
    awaitQuiet();
    return entry;
  }

  /** Lets the answers that are on their way come in. */
  private void awaitQuiet() {
    loop.quiet();
  }

  /** Lets virtual time pass in small steps until something holds, at most two minutes of it. */
  private void awaitPassingTime(String what, BooleanSupplier holds) {
    var end = loop.now().plus(Duration.ofMinutes(2));
    while (!holds.getAsBoolean()) {
      assertThat(loop.now()).as(what).isLessThan(end);
      loop.pass(Duration.ofMillis(500));
      awaitQuiet();
    }
  }

  static InstanceEndpoint endpoint(String task) {
    return new InstanceEndpoint(
        task,
        "feed.api",
        "feed.api#0",
        3,
        "127.0.0.1",
        31005,
        TaskDocument.Discovery.of(
            new TaskDocument.ConsulService("feed-api", "http", List.of("v1", "v2"))),
        Optional.empty(),
        new HealthPolicy(Duration.ZERO, Duration.ZERO, ofSeconds(5), ofSeconds(2), 3));
  }
}
