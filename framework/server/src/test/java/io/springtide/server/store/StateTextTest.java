package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.springtide.partition.model.InvalidModelException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The words of golden states leave nothing out: they change with every value of the state. */
class StateTextTest {
  /** By component, the texts that stand there somewhere: of an enum, its constants. */
  private final Map<String, Set<String>> texts = new TreeMap<>();

  private final Set<String> places = new TreeSet<>();
  private final Set<String> told = new HashSet<>();
  private final Set<String> silent = new TreeSet<>();

  @Test
  void noValueChangesWithoutTheWords() throws Exception {
    List<JsonNode> changes = new ArrayList<>();
    for (Stored entry : GoldenFiles.entries(GoldenFiles.read(Formats.CURRENT, "log.zip"))) {
      JsonNode tree = ChangeCodec.tree(entry.text());
      (tree.isArray() ? tree : tree.path("changes")).forEach(changes::add);
    }
    changes.removeIf(change -> change.path("@").asText().endsWith("Removed"));
    changes.forEach(change -> collect(change, change.path("@").asText()));
    changes.forEach(change -> vary(change, change, change.path("@").asText()));
    assertThat(silent)
        .as("a job's name is said once")
        .containsExactly("JobPut.job.earlier.spec.id");
    places.removeAll(told);
    places.removeAll(silent);
    assertThat(places)
        .as("places where nothing else would fit the rest of its record")
        .allMatch(
            place ->
                place.endsWith(".port")
                    || place.endsWith("spec.runtime")
                    || place.contains(".lendable.")
                    // Of services, which have none.
                    || place.contains(".earlier.spec.batch."));
  }

  private void collect(JsonNode node, String place) {
    if (node instanceof ObjectNode record) {
      record.properties().forEach(part -> collect(part.getValue(), place + "." + part.getKey()));
    } else if (node.isArray()) {
      node.forEach(element -> collect(element, place));
    } else if (node.isTextual()) {
      texts.computeIfAbsent(component(place), any -> new TreeSet<>()).add(node.asText());
    }
  }

  /** Gives each value of the node another, one at a time. */
  private void vary(JsonNode change, JsonNode node, String place) {
    if (node instanceof ObjectNode record) {
      for (Map.Entry<String, JsonNode> part : List.copyOf(record.properties())) {
        String name = part.getKey();
        if (!name.equals("@")) {
          one(change, part.getValue(), place + "." + name, other -> record.set(name, other));
        }
      }
    } else if (node instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        int at = i;
        one(change, list.get(i), place, other -> list.set(at, other));
      }
    }
  }

  private void one(JsonNode change, JsonNode value, String place, Consumer<JsonNode> setter) {
    if (value.isContainerNode()) {
      vary(change, value, place);
      return;
    }
    if (value.isNull() || told.contains(place)) {
      return;
    }
    places.add(place);
    String before = words(change).orElseThrow();
    for (JsonNode other : others(value, place)) {
      setter.accept(other);
      Optional<String> after = words(change);
      if (after.isPresent()) {
        (after.get().equals(before) ? silent : told).add(place);
        break;
      }
    }
    setter.accept(value);
  }

  private static String component(String place) {
    return place.substring(place.lastIndexOf('.') + 1);
  }

  private List<JsonNode> others(JsonNode value, String place) {
    List<JsonNode> others = new ArrayList<>();
    if (value.isBoolean()) {
      others.add(BooleanNode.valueOf(!value.asBoolean()));
    } else if (value.isIntegralNumber()) {
      others.add(JsonNodeFactory.instance.numberNode(value.asLong() + 1));
      others.add(JsonNodeFactory.instance.numberNode(value.asLong() - 1));
    } else if (value.isNumber()) {
      others.add(DecimalNode.valueOf(value.decimalValue().add(BigDecimal.ONE)));
    } else {
      others.add(new TextNode(value.asText() + "x"));
      texts.get(component(place)).stream()
          .filter(text -> !text.equals(value.asText()))
          .forEach(text -> others.add(new TextNode(text)));
    }
    return others;
  }

  /** Empty if there can be no such state. */
  private static Optional<String> words(JsonNode change) {
    try {
      JsonNode list = JsonNodeFactory.instance.arrayNode().add(change);
      return Optional.of(StateText.of(ChangeCodec.fromTree(list).get(0)));
    } catch (StoreException | InvalidModelException e) {
      return Optional.empty();
    }
  }
}
