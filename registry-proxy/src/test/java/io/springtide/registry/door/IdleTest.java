package io.springtide.registry.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.springtide.registry.client.ClientGate;
import io.springtide.registry.config.ProxyConfig.Clients;
import io.springtide.registry.http.Timeouts;
import io.springtide.registry.metrics.ProxyMetrics;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections on which nothing happens for long. */
class IdleTest {
  private static final Timeouts TIMEOUTS =
      new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), 1);

  /** It lets nobody have an answer at once, so that no front is ever asked. */
  private final ClientGate gate = new ClientGate(new Clients(List.of(), 1, 0));

  private final EmbeddedChannel channel =
      new EmbeddedChannel(new Dawdlers(TIMEOUTS), new Connection(null, gate, new ProxyMetrics()));

  @Test
  void whoAsksNothingIsDropped() {
    channel.pipeline().fireUserEventTriggered(IdleStateEvent.FIRST_ALL_IDLE_STATE_EVENT);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whoWaitsForItsTurnIsNot() {
    ClientGate.Client client = gate.admit(new DefaultHttpHeaders(), "-").orElseThrow();
    while (gate.requestDelay(client, System.nanoTime()) == 0) {
      // others before it
    }
    channel.writeInbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/v2/"));
    channel.pipeline().fireUserEventTriggered(IdleStateEvent.FIRST_ALL_IDLE_STATE_EVENT);
    assertThat(channel.isOpen()).isTrue();
    channel.close();
  }
}
