package io.springtide.server.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Resources;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.assertj.core.api.AbstractObjectAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentTest {
  @Test
  void aPoolOfTheManualReadsAndWritesBackTheSame() {
    Pool pool =
        PoolDocument.read(
            yaml(
                """
                name: cloud
                kind: on-demand
                zone: cn-beijing-b
                selector: {provider: aliyun}
                hosts: {min: 0, max: 1000}
                buffer: {hosts: 2}
                placement: pack
                pricePerHour: 0.42
                idleAfter: 10m
                billingIncrement: 1h
                budgetPerHour: 400
                shared: {crossLinkMbps: 10000}
                template:
                  driver: aliyun-ecs
                  resources: {cpus: 16, memoryMiB: 26214, diskMiB: 102400}
                  region: cn-beijing
                """));
    assertThat(pool.kind()).isEqualTo(PoolKind.ON_DEMAND);
    assertThat(pool.microsPerHour()).isEqualTo(420_000);
    assertThat(pool.budgetMicrosPerHour()).hasValue(400_000_000);
    assertThat(pool.shared()).containsEntry("crossLinkMbps", 10_000L);
    assertThat(pool.idleAfter()).isEqualTo(Duration.ofMinutes(10));
    assertThat(pool.template().orElseThrow().settings()).containsEntry("region", "cn-beijing");
    assertThat(PoolDocument.read(again(PoolDocument.write(pool)))).isEqualTo(pool);
  }

  @Test
  void aGroupOfTheManualReadsAndWritesBackTheSame() {
    Group group =
        GroupDocument.read(
            yaml(
                """
                path: weibo.feed
                description: home timeline
                quotas:
                  idc:   {guarantee: {cpus: 100, memoryMiB: 204800}, limit: {cpus: 160}, weight: 2}
                  cloud: {limit: {cpus: 800, memoryMiB: 1600000}}
                totalLimit: {cpus: 900, memoryMiB: 1900000}
                policy: {privileged: false, mounts: ["/data/feed"], maxPriority: 500}
                """));
    assertThat(group.quotas().get("idc").lendable()).isEqualTo(Resources.of(100_000, 204_800));
    assertThat(group.totalLimit()).isEqualTo(Limit.of(900_000, 1_900_000));
    assertThat(GroupDocument.read(again(GroupDocument.write(group)))).isEqualTo(group);
  }

  @Test
  void aQuotaWithoutALimitIsLimitedToItsGuarantee() {
    Group group = GroupDocument.read(yaml("{path: a, quotas: {idc: {guarantee: {cpus: 1}}}}"));
    assertThat(group.quotas().get("idc").limit().of("cpus")).hasValue(1000);
    assertThat(group.quotas().get("idc").limit().of("memoryMiB")).isEmpty();
  }

  @Test
  void anUnknownFieldIsRefusedWithTheOneThatWasMeant() {
    InvalidModelException refused =
        refusal(PoolDocument::read, "{name: idc, kind: owned, hosts: {mni: 3}}").actual();
    assertThat(refused.field()).isEqualTo("hosts.mni");
    assertThat(refused.fix()).contains("did you mean 'min'?");
    refusal(PoolDocument::read, "{name: idc, kind: owned, colour: red}")
        .satisfies(e -> assertThat(e.fix()).startsWith("leave it out; known are: name, kind,"));
  }

  @Test
  void aWordThatIsNotAllowedIsRefusedWithTheOnesThatAre() {
    refusal(PoolDocument::read, "{name: idc, kind: ondemand}")
        .satisfies(
            e -> {
              assertThat(e.field()).isEqualTo("kind");
              assertThat(e.fix()).contains("did you mean 'on-demand'?", "owned, prepaid");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{cpus: -1}             | cpus      | -1 is negative",
        "{cpus: 0.0001}         | cpus      | 0.0001 has more than 3 decimals",
        "{cpus: '2'}            | cpus      | expected a number, found the text '2'",
        "{memoryMiB: -5}        | memoryMiB | -5 is negative",
        "{memoryMiB: 1.5}       | memoryMiB | 1.5 is not a whole number",
        "{memoryMiB: 1e30}      | memoryMiB | too large",
        "{cpus: 1e30}           | cpus      | too large",
        "{memory: 512}          | memory    | there is no field 'memory' here",
        "{scalars: {net: -1}}   | scalars.net | -1 is negative",
        "{cpus: [1]}            | cpus      | found a list",
        "[]                     | ''        | expected an object, found a list",
      })
  void badResourcesSayFieldAndValue(String text, String field, String problem) {
    refusal(ResourceDocument::read, text)
        .satisfies(
            e -> {
              assertThat(e.field()).isEqualTo(field);
              assertThat(e).hasMessageContaining(problem);
              assertThat(e.fix()).isNotBlank();
            });
  }

  @Test
  void coresAreReadToTheMilli() {
    assertThat(ResourceDocument.read(yaml("{cpus: 0.125}")).cpuMillis()).isEqualTo(125);
    assertThat(ResourceDocument.read(yaml("{cpus: 2.50000}")).cpuMillis()).isEqualTo(2500);
    assertThat(ResourceDocument.write(Resources.of(100_000, 1)).toString())
        .isEqualTo("{\"cpus\":100,\"memoryMiB\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1", "", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "null"})
  void whatIsNotOneJsonDocumentIsRefused(String text) {
    assertThatThrownBy(() -> Documents.json(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void malformedJsonNamesTheLine() {
    assertThatThrownBy(() -> Documents.json("{\n \"a\": }".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("not JSON at line 2");
  }

  @ParameterizedTest
  @CsvSource({"500ms,500", "30s,30000", "5m,300000", "2h,7200000", "0s,0"})
  void durationsReadAndWriteBackTheSame(String text, long millis) {
    assertThat(DurationText.parse("f", text)).isEqualTo(Duration.ofMillis(millis));
    assertThat(DurationText.format(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "30 s", "-1s", "1d", "s", "", "99999999999s", "1.5s"})
  void whatIsNoDurationIsRefused(String text) {
    assertThatThrownBy(() -> DurationText.parse("drain", text))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("'" + text + "' is not a duration");
  }

  private static AbstractObjectAssert<?, InvalidModelException> refusal(
      Function<JsonNode, ?> reader, String text) {
    return assertThatThrownBy(() -> reader.apply(yaml(text)))
        .asInstanceOf(type(InvalidModelException.class));
  }

  private static JsonNode yaml(String text) {
    return Documents.yaml(text.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode again(JsonNode written) {
    return Documents.json(written.toString().getBytes(StandardCharsets.UTF_8));
  }
}
