package io.springtide.server.document;

import static io.springtide.server.DocumentTree.yaml;
import static io.springtide.server.VirtualCore.done;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.server.VirtualCore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is shown of hosts that a cloud was asked for. */
class OrderDocumentTest {
  private final List<Effect> effects = new ArrayList<>();
  private final VirtualCore core = new VirtualCore(CoreConfig.of("executor"), effects::add);

  @Test
  void anOrderSaysWhatIsAskedForAndWhatItsCloudSaidLast() {
    done(
        core.putPool(
            yaml(
                """
                name: cloud
                kind: on-demand
                hosts: {max: 3}
                pricePerHour: 1
                template: {driver: local, resources: {cpus: 4, memoryMiB: 8192}, endpoint: c}
                """)));
    done(core.putGroup(yaml("{path: feed, quotas: {cloud: {limit: {}}}}")));
    done(
        core.putJob(
            yaml(
                "{id: feed.web, instances: 5, resources: {cpus: 1, memoryMiB: 64}, container:"
                    + " {image: a}}")));
    core.pass(Duration.ofSeconds(1));
    core.send(new Event.Tick());
    JsonNode asked = shown();
    assertThat(asked.path("pool").asText()).isEqualTo("cloud");
    assertThat(asked.path("driver").asText()).isEqualTo("local");
    assertThat(asked.path("hosts").asInt()).isEqualTo(2);
    assertThat(asked.path("since").asText()).isEqualTo(core.now().toString());
    assertThat(asked.path("state").asText()).isEqualTo("asked");
    assertThat(asked.path("attempts").asInt()).isEqualTo(1);
    assertThat(asked.has("error")).isFalse();

    core.pass(Duration.ofSeconds(1));
    String id = asked.path("id").asText();
    core.send(
        new Event.CloudFailed(
            cloud(id),
            CloudTrouble.Doing.ORDER,
            id,
            CloudTrouble.Kind.THROTTLED,
            "too many requests",
            Duration.ofMinutes(3)));
    JsonNode failed = shown();
    assertThat(failed.path("state").asText()).isEqualTo("failed");
    assertThat(failed.at("/error/kind").asText()).isEqualTo("throttled");
    assertThat(failed.at("/error/message").asText()).isEqualTo("too many requests");
    assertThat(failed.path("again").asText()).isEqualTo(core.now().plusSeconds(180).toString());
  }

  private Cloud cloud(String id) {
    return core.view().orders().get(id).order().origin().cloud();
  }

  private JsonNode shown() {
    assertThat(core.view().orders()).hasSize(1);
    return ReadDocuments.order(core.view().orders().values().iterator().next());
  }
}
