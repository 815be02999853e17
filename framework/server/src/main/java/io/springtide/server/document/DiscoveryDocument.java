package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.scheduler.job.DiscoverySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** {@code {consul: {service, port, tags}}} or {@code {upsync: {upstream, port, weight, …}}}. */
final class DiscoveryDocument {
  private static final Value NAME = Value.text("[^\\x00-\\x20\\x7f]*").atLeast(1).atMost(200);
  private static final Value PORT = Value.text(Names.NAME_FORM);
  private static final String PORT_SAYS = "The name of the port that is announced.";
  private static final String PORT_FIX = "name one of the container's ports";

  private static final Form CONSUL =
      Form.of("Consul", "A service in Consul.")
          .must("service", NAME, "Its name.", "name the service")
          .must("port", PORT, PORT_SAYS, PORT_FIX)
          .may("tags", Value.list(Value.text()).atMost(JobDocumentRules.MAX_LIST), "Its tags.");

  private static final Form UPSYNC =
      Form.of("Upsync", "A key of an nginx-upsync upstream; not supported yet.")
          .must("upstream", NAME, "Its name.", "name the upstream")
          .must("port", PORT, PORT_SAYS, PORT_FIX)
          .may("weight", Value.whole(1, 65535), 10, "Its share.")
          .may("slowStart", Value.duration(), "0s", "How long the weight rises.");

  static final Form FORM =
      Form.of("Discovery", "One way in which instances are announced.")
          .may("consul", Value.object(CONSUL), "In Consul.")
          .may("upsync", Value.object(UPSYNC), "To nginx-upsync; not supported yet.")
          .exactlyOne("consul", "upsync");

  private DiscoveryDocument() {}

  static DiscoverySpec read(Fields fields) {
    List<Supplier<DiscoverySpec>> found = new ArrayList<>();
    fields.inner("consul", DiscoveryDocument::consul).ifPresent(found::add);
    fields.inner("upsync", DiscoveryDocument::upsync).ifPresent(found::add);
    if (found.size() != 1) {
      throw new InvalidModelException(
          "",
          found.isEmpty() ? "it announces nothing" : "it is more than one announcement",
          "write exactly one of consul and upsync, and another list item for another");
    }
    return found.get(0).get();
  }

  /** A supplier, since the record's own errors name their fields from the outer object. */
  private static Supplier<DiscoverySpec> consul(Fields fields) {
    String service = fields.requireText("service");
    String port = fields.requireText("port");
    List<String> tags = fields.texts("tags");
    return () -> new DiscoverySpec.Consul(service, port, tags);
  }

  private static Supplier<DiscoverySpec> upsync(Fields fields) {
    String upstream = fields.requireText("upstream");
    String port = fields.requireText("port");
    int weight = fields.integer("weight");
    Duration slowStart = fields.span("slowStart");
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
