package io.springtide.server.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.JobSpec;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused although each field is well-formed, and what is taken with a warning. */
class JobDocumentRulesTest {
  private static final String REST = "id: a.b, resources: {cpus: 1, memoryMiB: 1}";
  private static final String PORTS = "ports: [{name: http, container: 80}]";

  private static JobSpec read(String yaml) {
    return JobDocument.read(Documents.yaml(yaml.getBytes(StandardCharsets.UTF_8)));
  }

  private static void refused(String field, String document) {
    InvalidModelException refusal =
        catchThrowableOfType(
            InvalidModelException.class, () -> read("{" + REST + ", " + document + "}"));
    assertThat(refusal).as(document).isNotNull();
    assertThat(refusal.field()).isEqualTo(field);
    assertThat(refusal.fix()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          labels                         | container: {image: a}, labels: {Team: feed}
          labels                         | container: {image: a}, labels: {team-: feed}
          labels                         | container: {image: a}, labels: {"": feed}
          labels.team                    | container: {image: a}, labels: {team: "a\\tb"}
          labels.team                    | container: {image: a}, labels: {team: "a\\u202eb"}
          labels.tier                    | container: {image: a}, labels: {tier: 1}
          labels.team                    | container: {image: a}, labels: {team: null}
          owner                          | container: {image: a}, owner: "a\\nb"
          owner                          | container: {image: a}, owner: " "
          owner                          | container: {image: a}, owner: 7
          container.command[1]           | container: {image: a, command: [a, "b\\0"]}
          container.env.A                | container: {image: a, env: {A: "b\\0"}}
          container.env                  | container: {image: a, env: {"A\\0": b}}
          health.command[0]              | container: {image: a}, health: {command: ["\\0"]}
          container.command[0]           | container: {image: a, command: [""]}
          container.env.HOST             | container: {image: a, env: {HOST: x}}
          container.env.PORT_HTTP        | container: {image: a, env: {PORT_HTTP: "80"}}
          container.env.SPRINGTIDE_TASK  | container: {image: a, env: {SPRINGTIDE_TASK: x}}
          tools[0].env.HOST              | container: {image: a}, tools: [{name: t, image: b, env: {HOST: x}}]
          container.image                | container: {image: a, network: host, command: [a]}, runtime: process
          pools                          | container: {image: a}, pools: []
          instances                      | container: {image: a}, instances: null
          constraints[0].regex           | container: {image: a}, constraints: [{like: cpu, regex: "%s"}]
          container.image                | container: {image: a b}
          container.image                | container: {image: "-v /:/x a"}
          tools[0].image                 | container: {image: a}, tools: [{name: t, image: "a@b"}]
          container.network              | container: {image: a, network: "container:consul"}
          container.network              | container: {image: a, network: "ns:/proc/1/ns/net"}
          container.network              | container: {image: a, network: none}
          container.network              | container: {image: a, network: default}
          container.network              | container: {image: a, network: "a/b"}
          container.mounts[0].source     | container: {image: a, mounts: [{source: "/d:/etc", target: /x}]}
          container.mounts[0].target     | container: {image: a, mounts: [{source: /d, target: "/x:rw"}]}
          container.mounts[0].target     | container: {image: a, mounts: [{source: /d, target: /}]}
          container.mounts[1].target     | container: {image: a, mounts: [{source: /d, target: /x}, {source: /e, target: /x/}]}
          stop.drain                     | container: {image: a}, stop: {drain: 8761h}
          resources.scalars.cpus         | container: {image: a}, resources: {cpus: 1, memoryMiB: 1, scalars: {cpus: 5}}
          """)
  void whatCouldNotRunOrMeansSomethingElse(String field, String document) {
    String rest = document.contains("resources:") ? "id: a.b" : REST;
    InvalidModelException refusal =
        catchThrowableOfType(
            InvalidModelException.class,
            () -> read("{" + rest + ", " + document.replace("%s", "x".repeat(1001)) + "}"));
    assertThat(refusal).as(document).isNotNull();
    assertThat(refusal.field()).isEqualTo(field);
    assertThat(refusal.fix()).isNotEmpty();
  }

  @Test
  void theSameServiceTwiceOnOnePort() {
    String entry = "{consul: {service: s, port: http}}";
    refused(
        "discovery[1].consul.service",
        "container: {image: a, " + PORTS + "}, discovery: [" + entry + ", " + entry + "]");
    String upstream = "{upsync: {upstream: u, port: http}}";
    refused(
        "discovery[1].upsync.upstream",
        "container: {image: a, " + PORTS + "}, discovery: [" + upstream + ", " + upstream + "]");
  }

  @Test
  void moreThanAHostCouldBear() {
    refused("container.ports", "container: {image: a, ports: [" + many(5000, "{name: p%d}") + "]}");
    refused(
        "container.mounts",
        "container: {image: a, mounts: [" + many(101, "{source: /a, target: /t%d}") + "]}");
    refused("tools", "container: {image: a}, tools: [" + many(21, "{name: t%d, image: a}") + "]");
    refused("container.env", "container: {image: a, env: {" + many(1001, "E%d: a") + "}}");
    refused("container.command", "container: {image: a, command: [" + many(1001, "a%d") + "]}");
    refused(
        "container.command[0]",
        "container: {image: a, command: [\"" + "x".repeat(131_071) + "\"]}");
    refused("container.env.A", "container: {image: a, env: {A: \"" + "主".repeat(43_690) + "\"}}");
  }

  private static String many(int count, String each) {
    return IntStream.range(0, count).mapToObj(each::formatted).collect(Collectors.joining(", "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a:1",
        "feed/api:1.2",
        "registry.example:5000/feed/api",
        "localhost:5000/a:b",
        "a@sha256:0123456789012345678901234567890123456789012345678901234567890123"
      })
  void namesOfImagesAreTaken(String image) {
    assertThat(read("{" + REST + ", container: {image: \"" + image + "\"}}").container().image())
        .isEqualTo(image);
  }

  @Test
  void aNamedNetworkIsTaken() {
    assertThat(
            read("{" + REST + ", container: {image: a, network: Feed_net.1}}")
                .container()
                .network())
        .isEqualTo("Feed_net.1");
  }

  @ParameterizedTest
  @CsvSource({"feed_api, true", "feed.api, true", "feed-api, false", "Feed9, false"})
  void aServiceThatDnsCannotResolveIsWarnedOf(String service, boolean warned) {
    JobSpec job =
        read(
            "{%s, container: {image: a, %s}, discovery: [{consul: {service: %s, port: http}}]}"
                .formatted(REST, PORTS, service));
    ObjectNode answer = Documents.object();
    Warning.put(answer, JobDocument.warnings(job));
    assertThat(answer.path("warnings").size()).isEqualTo(warned ? 1 : 0);
    if (warned) {
      assertThat(answer.at("/warnings/0/field").asText()).isEqualTo("discovery[0].consul.service");
      assertThat(answer.at("/warnings/0/detail").asText()).contains("DNS").contains(service);
    }
  }

  @Test
  void labelsAndOwnersHaveTheirMeasure() {
    String most =
        IntStream.range(0, 32).mapToObj(i -> "k" + i + ": v").collect(Collectors.joining(", "));
    JobSpec job =
        read(
            "{%s, container: {image: a}, owner: %s, labels: {%s}}"
                .formatted(REST, "o".repeat(128), most));
    assertThat(job.notes().labels()).hasSize(32);
    assertThat(JobDocument.read(JobDocument.write(job))).isEqualTo(job);
    refused("labels", "container: {image: a}, labels: {%s, k32: v}".formatted(most));
    refused("owner", "container: {image: a}, owner: " + "o".repeat(129));
    refused("labels", "container: {image: a}, labels: {%s: v}".formatted("k".repeat(64)));
    refused("labels.k", "container: {image: a}, labels: {k: %s}".formatted("v".repeat(64)));
    String signs = "\uD83D\uDE80".repeat(63);
    assertThat(
            read("{%s, container: {image: a}, labels: {a.b/c-d: \"%s\"}}".formatted(REST, signs)))
        .as("signs are counted, not what they are written with")
        .extracting(one -> one.notes().labels())
        .isEqualTo(java.util.Map.of("a.b/c-d", signs));
  }
}
