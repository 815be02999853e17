package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.scheduler.job.HealthSpec;
import java.util.ArrayList;
import java.util.List;

/** {@code {http: {port, path}, grace, interval, timeout, failures}}, or tcp, or command. */
final class HealthDocument {
  private static final Value PORT = Value.text(Names.NAME_FORM);
  private static final String PORT_SAYS = "The name of one of the container's ports.";
  private static final String PORT_FIX = "name one of the container's ports";

  private static final Form HTTP =
      Form.of("HttpProbe", "A GET that must answer 2xx or 3xx.")
          .must("port", PORT, PORT_SAYS, PORT_FIX)
          .may("path", Value.text(JobDocumentRules.HTTP_PATH.pattern()), "/", "The path to get.");

  private static final Form TCP =
      Form.of("TcpProbe", "A connection that must open.").must("port", PORT, PORT_SAYS, PORT_FIX);

  static final Form FORM =
      Form.of("Health", "How it is found out whether an instance is well.")
          .may("http", Value.object(HTTP), "Probes by HTTP.")
          .may("tcp", Value.object(TCP), "Probes by a connection.")
          .may(
              "command",
              JobDocumentRules.COMMAND.atLeast(1),
              "A command in the container that must exit with 0.")
          .exactlyOne("http", "tcp", "command")
          .may("grace", Value.duration(), "30s", "After the start, in which failures do not count.")
          .may("interval", Value.duration(), "5s", "From one probe to the next, above 0.")
          .may("timeout", Value.duration(), "2s", "Of one probe, above 0.")
          .may(
              "failures",
              Value.whole(1, Integer.MAX_VALUE),
              3,
              "How many in a row have the instance replaced.");

  private HealthDocument() {}

  static HealthSpec read(Fields fields) {
    return new HealthSpec(
        probe(fields),
        fields.span("grace"),
        fields.span("interval"),
        fields.span("timeout"),
        fields.integer("failures"));
  }

  private static HealthSpec.Probe probe(Fields fields) {
    List<HealthSpec.Probe> probes = new ArrayList<>();
    // Only a missing port is refused here; the record refuses a bad path.
    fields
        .inner("http", http -> new String[] {http.requireText("port"), http.requireText("path")})
        .ifPresent(http -> probes.add(new HealthSpec.Http(http[0], http[1])));
    fields
        .inner("tcp", tcp -> tcp.requireText("port"))
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
