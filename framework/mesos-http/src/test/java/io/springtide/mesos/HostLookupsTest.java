package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.springtide.testing.Patience;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HostLookupsTest {

  private static Endpoint named(ScriptedServer server, String host) {
    return new Endpoint(host, server.endpoint().port(), false);
  }

  @Test
  @SuppressWarnings("FutureReturnValueIgnored") // What is handed on is a future itself.
  void aNameServerThatDoesNotAnswerHoldsUpNothingElse() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    HostLookups.Lookup slow =
        host -> {
          try {
            answers.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new InetAddress[] {InetAddress.getLoopbackAddress()};
        };
    try (ScriptedServer server = new ScriptedServer();
        Wire wire = new Wire("test-io", Duration.ofSeconds(10), slow)) {
      ChannelFuture connecting =
          wire.loop()
              .submit(
                  () ->
                      wire.connect(
                          named(server, "master.example"), new ChannelInboundHandlerAdapter()))
              .get(Patience.seconds(), TimeUnit.SECONDS);
      CompletableFuture<Void> other = new CompletableFuture<>();
      wire.run(() -> other.complete(null));
      other.get(Patience.seconds(), TimeUnit.SECONDS);
      assertThat(connecting.isDone()).isFalse();
      answers.countDown();
      assertThat(connecting.await(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(connecting.isSuccess()).isTrue();
    }
  }

  @Test
  void aNameThatNobodyKnowsIsAFailedTryAndAnAddressIsNoName() throws Exception {
    HostLookups.Lookup nobody =
        host -> {
          throw new UnknownHostException(host);
        };
    try (ScriptedServer server = new ScriptedServer();
        Wire wire = new Wire("test-io", Duration.ofSeconds(10), nobody)) {
      ChannelFuture unknown =
          wire.connect(named(server, "nowhere.example"), new ChannelInboundHandlerAdapter());
      assertThat(unknown.await(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(unknown.cause()).isInstanceOf(UnknownHostException.class);
      ChannelFuture literal = wire.connect(server.endpoint(), new ChannelInboundHandlerAdapter());
      assertThat(literal.await(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(literal.isSuccess()).isTrue();
    }
  }
}
