package io.springtide.server.mesos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.executor.contract.WardenReport;
import io.springtide.scheduler.told.HostReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostReportsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final HostReports reports = new HostReports(() -> NOON);

  @Test
  void aReportIsReadWithItsClockAgainstOurs() {
    HostReport report =
        reports.read(
            new WardenReport(
                    1,
                    "h1",
                    List.of("docker"),
                    List.of(),
                    List.of(
                        new WardenReport.Engine(
                            "docker", true, "docker 28.1 (API 1.44, overlay2)", true)),
                    new WardenReport.Machine(
                        8, 16_000, 100_000, 4_000, NOON.minusSeconds(7).toEpochMilli()),
                    "warden.h1.4")
                .toBytes());
    assertThat(report.at()).isEqualTo(NOON);
    assertThat(report.engines())
        .containsExactly(
            new HostReport.Engine("docker", true, "docker 28.1 (API 1.44, overlay2)", true));
    assertThat(report.warden()).isEqualTo("warden.h1.4");
    HostReport.Machine machine = report.machine().orElseThrow();
    assertThat(machine.clockOffset()).isEqualTo(Duration.ofSeconds(-7));
    assertThat(machine.diskFreeMiB()).isEqualTo(4_000);
    assertThat(machine.processors()).isEqualTo(8);
  }

  @Test
  void whatExecutorsOfEarlierReleasesSendIsRead() {
    HostReport report =
        read("{'version':1,'host':'h1','runtimes':['docker','process'],'tasks':[]}");
    assertThat(report.machine()).isEmpty();
    assertThat(report.engines())
        .extracting(HostReport.Engine::name)
        .containsExactly("docker", "process");
    assertThat(report.engines()).as("they did not look").noneMatch(HostReport.Engine::clean);
    assertThat(report.warden()).isEmpty();
  }

  @Test
  void whatCannotBeIsNoReport() {
    for (String machine :
        List.of(
            "{'processors':-1}",
            "{'memoryMiB':9223372036854775807}",
            "{'diskMiB':5,'diskFreeMiB':6}",
            "{'clockMillis':9223372036854775807}")) {
      String text = "{'version':1,'host':'h1','machine':" + machine + "}";
      assertThatThrownBy(() -> read(text)).as(text).isInstanceOf(IllegalArgumentException.class);
    }
    String engines = "{'name':'x'},".repeat(11) + "{'name':'x'}";
    assertThatThrownBy(() -> read("{'version':1,'engines':[" + engines + "]}"))
        .hasMessageContaining("engines");
    assertThatThrownBy(() -> reports.read(new byte[HostReports.MOST_BYTES + 1]))
        .hasMessageContaining("bytes");
    for (String text : List.of("", "[]", "null", "{'version':2}", "hello")) {
      assertThatThrownBy(() -> read(text)).as(text).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> read("{'version':1,'runtimes':[null]}"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textsAreShortAndOfOneLine() {
    String detail = "a\\nb" + "c".repeat(5_000);
    HostReport report =
        read("{'version':1,'engines':[{'name':'docker','ready':false,'detail':'" + detail + "'}]}");
    assertThat(report.engines().get(0).detail()).startsWith("a bc").hasSizeLessThan(310);
  }

  private HostReport read(String text) {
    return reports.read(text.replace('\'', '"').getBytes(UTF_8));
  }
}
