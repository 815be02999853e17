package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.HealthSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code {http: {port, path}, grace, interval, timeout, failures}}, or tcp, or command. */
final class HealthDocument {
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int FAILURES = 3;

  private HealthDocument() {}

  static HealthSpec read(JsonNode node) {
    Fields fields =
        Fields.of(node, "http", "tcp", "command", "grace", "interval", "timeout", "failures");
    return new HealthSpec(
        probe(fields),
        fields.duration("grace", GRACE),
        fields.duration("interval", INTERVAL),
        fields.duration("timeout", TIMEOUT),
        fields.integer("failures", FAILURES, 1, Integer.MAX_VALUE));
  }

  private static HealthSpec.Probe probe(Fields fields) {
    List<HealthSpec.Probe> probes = new ArrayList<>();
    // Only a missing port is refused here; the record refuses a bad path.
    fields
        .object(
            "http",
            node -> {
              Fields http = Fields.of(node, "port", "path");
              return new String[] {port(http), http.text("path", "/")};
            })
        .ifPresent(http -> probes.add(new HealthSpec.Http(http[0], http[1])));
    fields
        .object("tcp", node -> port(Fields.of(node, "port")))
        .ifPresent(port -> probes.add(new HealthSpec.Tcp(port)));
    if (fields.has("command")) {
      probes.add(new HealthSpec.Command(fields.texts("command")));
    }
    if (probes.size() != 1) {
      throw new InvalidModelException(
          "",
          probes.isEmpty() ? "it says not what to probe" : "it says more than one thing to probe",
          "write exactly one of http, tcp and command");
    }
    return probes.get(0);
  }

  private static String port(Fields fields) {
    return fields.requireText("port", "name one of the container's ports");
  }

  static ObjectNode write(HealthSpec health) {
    ObjectNode node = health.probe().accept(new Written());
    node.put("grace", DurationText.format(health.grace()));
    node.put("interval", DurationText.format(health.interval()));
    node.put("timeout", DurationText.format(health.timeout()));
    node.put("failures", health.failures());
    return node;
  }

  private static final class Written implements HealthSpec.Visitor<ObjectNode> {
    @Override
    public ObjectNode on(HealthSpec.Http http) {
      ObjectNode node = Documents.object();
      node.putObject("http").put("port", http.port()).put("path", http.path());
      return node;
    }

    @Override
    public ObjectNode on(HealthSpec.Tcp tcp) {
      ObjectNode node = Documents.object();
      node.putObject("tcp").put("port", tcp.port());
      return node;
    }

    @Override
    public ObjectNode on(HealthSpec.Command command) {
      ObjectNode node = Documents.object();
      Texts.put(node, "command", command.command());
      return node;
    }

    @Override
    public ObjectNode on(HealthSpec.Grpc grpc) {
      ObjectNode node = Documents.object();
      node.putObject("grpc").put("port", grpc.port()).put("service", grpc.service());
      return node;
    }
  }
}
