package io.springtide.server.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.answer.Eviction;
import io.springtide.scheduler.event.Plan;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What the answer of a change says that it displaces. */
class EffectsTest {
  private static final Supplier<Plan> NOT_ASKED =
      () -> {
        throw new AssertionError("a second plan is made");
      };

  @Test
  void whatDisplacesNothingOfOthersTakesOnePlan() {
    assertThat(names(effects(plan(List.of()), NOT_ASKED), "stops")).isEmpty();
    Plan own = plan(List.of("feed.web#0", "feed.web#1"));
    assertThat(names(effects(own, NOT_ASKED), "stops")).containsExactly("feed.web#0", "feed.web#1");
  }

  @Test
  void whatHappensAnywayIsNotTheChangesDoing() {
    Plan with =
        plan(List.of("feed.web#0", "feed.old#0", "feed.old#1"), eviction("a"), eviction("b"));
    Plan without = plan(List.of("feed.web#0", "feed.old#0"), eviction("a"));
    JsonNode effects = effects(with, () -> without);
    assertThat(names(effects, "stops")).containsExactly("feed.web#0", "feed.old#1");
    assertThat(effects.path("evictions")).hasSize(1);
    assertThat(effects.at("/evictions/0/instance").asText()).isEqualTo("b");
  }

  private static JsonNode effects(Plan with, Supplier<Plan> without) {
    Predicate<String> own = instance -> instance.startsWith("feed.web#");
    return PlanDocument.effects(with, without, own);
  }

  private static List<String> names(JsonNode effects, String field) {
    return effects.path(field).valueStream().map(JsonNode::asText).toList();
  }

  private static Eviction eviction(String instance) {
    return new Eviction(instance, "ads.train", "ads", "idc", "h1", "feed.web");
  }

  private static Plan plan(List<String> stops, Eviction... evictions) {
    return new Plan(
        1,
        stops,
        List.of(),
        List.of(evictions),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        0,
        0);
  }
}
