package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.DiscoverySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** {@code {consul: {service, port, tags}}} or {@code {upsync: {upstream, port, weight, …}}}. */
final class DiscoveryDocument {
  private static final int WEIGHT = 10;
  private static final int MAX_WEIGHT = 65535;

  private DiscoveryDocument() {}

  static DiscoverySpec read(JsonNode node) {
    Fields fields = Fields.of(node, "consul", "upsync");
    List<Supplier<DiscoverySpec>> found = new ArrayList<>();
    fields.object("consul", DiscoveryDocument::consul).ifPresent(found::add);
    fields.object("upsync", DiscoveryDocument::upsync).ifPresent(found::add);
    if (found.size() != 1) {
      throw new InvalidModelException(
          "",
          found.isEmpty() ? "it announces nothing" : "it is more than one announcement",
          "write exactly one of consul and upsync, and another list item for another");
    }
    return found.get(0).get();
  }

  /** A supplier, since the record's own errors name their fields from the outer object. */
  private static Supplier<DiscoverySpec> consul(JsonNode node) {
    Fields fields = Fields.of(node, "service", "port", "tags");
    String service = fields.requireText("service", "name the service");
    String port = fields.requireText("port", "name one of the container's ports");
    List<String> tags = fields.texts("tags");
    return () -> new DiscoverySpec.Consul(service, port, tags);
  }

  private static Supplier<DiscoverySpec> upsync(JsonNode node) {
    Fields fields = Fields.of(node, "upstream", "port", "weight", "slowStart");
    String upstream = fields.requireText("upstream", "name the upstream");
    String port = fields.requireText("port", "name one of the container's ports");
    int weight = fields.integer("weight", WEIGHT, 1, MAX_WEIGHT);
    Duration slowStart = fields.duration("slowStart", Duration.ZERO);
    return () -> new DiscoverySpec.Upsync(upstream, port, weight, slowStart);
  }

  static ObjectNode write(DiscoverySpec spec) {
    return spec.accept(new Written());
  }

  private static final class Written implements DiscoverySpec.Visitor<ObjectNode> {
    @Override
    public ObjectNode on(DiscoverySpec.Consul consul) {
      ObjectNode node = Documents.object();
      ObjectNode to =
          node.putObject("consul").put("service", consul.service()).put("port", consul.port());
      Texts.put(to, "tags", consul.tags());
      return node;
    }

    @Override
    public ObjectNode on(DiscoverySpec.Upsync upsync) {
      ObjectNode node = Documents.object();
      node.putObject("upsync")
          .put("upstream", upsync.upstream())
          .put("port", upsync.port())
          .put("weight", upsync.weight())
          .put("slowStart", DurationText.format(upsync.slowStart()));
      return node;
    }
  }
}
