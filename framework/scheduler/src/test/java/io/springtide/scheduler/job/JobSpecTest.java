package io.springtide.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.Documents;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a job cannot be, said with the field and the way to mend it. */
class JobSpecTest {
  @Test
  void badDocumentsAreRefusedByField() {
    refused("instances", () -> Documents.job("web", -1));
    refused("instances", () -> Documents.job("w", JobKind.SYSTEM, RuntimeKind.DOCKER, 1));
    refused("id", () -> Documents.job("Web", 1));
    refused("id", () -> with("alone", Resources.of(1, 1), Optional.empty(), List.of()));
    refused(
        "resources.cpus", () -> with("feed.a", Resources.of(0, 1), Optional.empty(), List.of()));
    refused(
        "resources.memoryMiB",
        () -> with("feed.a", Resources.of(1, 0), Optional.empty(), List.of()));
    refused(
        "health.tcp.port",
        () ->
            with(
                "feed.a",
                Resources.of(1, 1),
                Optional.of(
                    new HealthSpec(
                        new HealthSpec.Tcp("nope"),
                        Duration.ZERO,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        1)),
                List.of()));
    refused(
        "discovery[0].consul.port",
        () ->
            with(
                "feed.a",
                Resources.of(1, 1),
                Optional.empty(),
                List.of(new DiscoverySpec.Consul("a", "nope", List.of()))));
    refused("container.image", () -> Documents.withImage(Documents.job("web", 1), " "));
  }

  @Test
  void badPartsAreRefusedByField() {
    refused("container", () -> new PortSpec("http", 70_000, 0));
    refused("source", () -> new MountSpec("data", "/data", true));
    refused("target", () -> new MountSpec("/data", "/a/../b", true));
    refused("maxBackoff", () -> failure(Duration.ofSeconds(5), Duration.ofSeconds(1)));
    refused("backoff", () -> failure(Duration.ZERO, Duration.ofSeconds(1)));
    refused("grace", () -> new StopPolicy(Duration.ZERO, Duration.ofSeconds(-1)));
    refused("upsync.weight", () -> new DiscoverySpec.Upsync("u", "http", 0, Duration.ZERO));
    refused("http.path", () -> new HealthSpec.Http("http", "ping"));
    refused("maxSurge", () -> UpdatePolicy.DEFAULT.with(-1, 0, 0));
    refused("ports[1].host", () -> container(new PortSpec("a", 0, 80), new PortSpec("b", 0, 80)));
    refused("ports[1].name", () -> container(new PortSpec("a", 0, 80), new PortSpec("a", 0, 81)));
  }

  @Test
  void aMountIsBelowADirectoryAndNotBesideIt() {
    MountSpec mount = new MountSpec("/data/feed/x", "/x", true);
    assertThat(mount.isBelow("/data/feed")).isTrue();
    assertThat(mount.isBelow("/data/feed/x")).isTrue();
    assertThat(mount.isBelow("/data/fee")).isFalse();
  }

  @Test
  void theBackOffDoublesUpToItsMost() {
    FailurePolicy policy = failure(Duration.ofSeconds(1), Duration.ofSeconds(30));
    assertThat(policy.delayAfter(1)).isEqualTo(Duration.ofSeconds(1));
    assertThat(policy.delayAfter(4)).isEqualTo(Duration.ofSeconds(8));
    assertThat(policy.delayAfter(1000)).isEqualTo(Duration.ofSeconds(30));
  }

  private static FailurePolicy failure(Duration backoff, Duration most) {
    return new FailurePolicy(backoff, most, Duration.ZERO);
  }

  private static ContainerSpec container(PortSpec... ports) {
    return new ContainerSpec("i", List.of(), Map.of(), "bridge", List.of(ports), List.of(), false);
  }

  private static JobSpec with(
      String id, Resources resources, Optional<HealthSpec> health, List<DiscoverySpec> discovery) {
    return JobSpec.of(id, resources, container(new PortSpec("http", 80, 0)))
        .health(health)
        .discovery(discovery)
        .reclaimable(true)
        .build();
  }

  private static void refused(String field, ThrowingCallable document) {
    assertThatThrownBy(document)
        .isInstanceOfSatisfying(
            InvalidModelException.class,
            refusal -> {
              assertThat(refusal.field()).isEqualTo(field);
              assertThat(refusal.fix()).isNotBlank();
            });
  }
}
