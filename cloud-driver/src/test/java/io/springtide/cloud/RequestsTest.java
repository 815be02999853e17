package io.springtide.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.model.Resources;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no cloud is asked, and who is there to be asked. */
class RequestsTest {
  private static final CloudAccount ACCOUNT = new CloudAccount("tide", Map.of());

  private static OrderRequest order(String token, int count) {
    return new OrderRequest(ACCOUNT, token, "cloud", count, Resources.of(1000, 1024), Map.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, OrderRequest.MAX_COUNT + 1})
  void ofHostsThereIsOneAtLeastAndAThousandAtMost(int count) {
    assertThatThrownBy(() -> order("o1", count)).hasMessageStartingWith("count: " + count);
    assertThat(order("o1", 1).count()).isEqualTo(1);
    assertThat(order("o1", OrderRequest.MAX_COUNT).count()).isEqualTo(1000);
  }

  @Test
  void aTokenIsWhatEveryCloudTakes() {
    assertThat(order("~".repeat(64), 1).token()).hasSize(64);
    assertThat(order("!", 1).token()).isEqualTo("!");
    for (String bad : List.of("", "x".repeat(65), "a b", "a\n", "\u007f", "ü")) {
      assertThatThrownBy(() -> order(bad, 1)).as(bad).hasMessageStartingWith("token: ");
    }
  }

  @Test
  void anAccountHasAClusterElseItFindsEverybodysHosts() {
    assertThatThrownBy(() -> new CloudAccount("", Map.of())).hasMessageStartingWith("cluster: ");
  }

  @Test
  void twoDriversOfOneNameAreRefusedAndAllAreClosed() {
    CloudDriver one = new ScriptedCloudDriver(new ScriptedCloud());
    AtomicInteger closed = new AtomicInteger();
    CloudDriver other =
        new ScriptedCloudDriver(new ScriptedCloud()) {
          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    assertThatThrownBy(() -> new CloudDrivers(List.of(one, other)))
        .hasMessageContaining("two drivers call themselves 'scripted'");
    new CloudDrivers(List.of(other)).close();
    assertThat(closed).hasValue(1);
  }
}
