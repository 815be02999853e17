package io.springtide.registry.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.springtide.registry.config.ProxyConfig.Clients;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How fast a client may go. */
class ClientGateTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void whatIsRefusedCostsNothing() {
    ClientGate gate = new ClientGate(new Clients(List.of(), 2, 0));
    ClientGate.Client client = gate.admit(new DefaultHttpHeaders(), "10.0.0.1").orElseThrow();
    int admitted = 0;
    for (int i = 0; i < 10_000; i++) {
      if (gate.requestDelay(client, 0) <= ClientGate.MAX_DELAY_NANOS) {
        admitted++;
      }
    }
    assertThat(admitted).as("two at once, and what ten seconds bring").isEqualTo(22);
    assertThat(gate.requestDelay(client, 2 * SECOND))
        .as("whoever stopped hammering has a turn soon")
        .isLessThanOrEqualTo(ClientGate.MAX_DELAY_NANOS);
    assertThat(gate.requestDelay(client, 30 * SECOND)).isZero();
  }
}
