package io.springtide.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Fields;
import java.time.Duration;

/** Reads {@code waits:}, how long some things are waited for. */
final class WaitsSection {
  private static final Duration DAY = Duration.ofDays(1);

  private WaitsSection() {}

  static ServerConfig.Waits read(JsonNode node) {
    Fields fields =
        Fields.of(node, "unreachableAfter", "holdOffers", "suppressAfter", "lookAround");
    ServerConfig.Waits usual = ServerConfig.Waits.DEFAULT;
    return new ServerConfig.Waits(
        within(fields, "unreachableAfter", usual.unreachableAfter(), 0),
        within(fields, "holdOffers", usual.holdOffers(), 1),
        within(fields, "suppressAfter", usual.suppressAfter(), 10),
        within(fields, "lookAround", usual.lookAround(), 10));
  }

  private static Duration within(Fields fields, String key, Duration usual, long leastSeconds) {
    Duration value = fields.duration(key, usual);
    if (value.toSeconds() < leastSeconds || value.compareTo(DAY) > 0) {
      throw new InvalidModelException(
          key,
          "it is not from " + leastSeconds + "s to 24h",
          "write a duration such as " + usual.toSeconds() + "s, the default");
    }
    return value;
  }
}
