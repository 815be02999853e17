package io.springtide.registry.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.springtide.registry.http.Timeouts;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that send their request as slowly as they like. */
class DawdlersTest {
  @Test
  void aRequestThatNeverBecomesWholeIsGivenUp() {
    Timeouts timeouts = new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), 1024);
    Dawdlers dawdlers = new Dawdlers(timeouts);
    EmbeddedChannel channel = new EmbeddedChannel(dawdlers);
    channel.freezeTime();
    for (int i = 0; i < 29; i++) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {'G'}));
      pass(channel, 1);
    }
    assertThat(channel.isActive()).isTrue();
    dawdlers.requestIsWhole();
    pass(channel, 60);
    assertThat(channel.isActive()).as("idle, not dawdling").isTrue();
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {'G'}));
    pass(channel, 30);
    assertThat(channel.isActive()).isFalse();
    channel.finishAndReleaseAll();
  }

  private static void pass(EmbeddedChannel channel, int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }
}
