package io.springtide.executor.loop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private final EventLoop loop = new EventLoop();
  private final List<String> happened = new ArrayList<>(); // the loop's until a step has told us

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void stepsRunInTheirOrderWhoeverGivesThem() {
    IntStream.range(0, 1000).forEach(i -> loop.execute(() -> happened.add("step " + i)));
    loop.execute(
        () -> {
          loop.execute(() -> happened.add("of a step"));
          happened.add("a step");
        });
    untilIdle();
    assertThat(happened)
        .hasSize(1002)
        .startsWith("step 0", "step 1")
        .endsWith("a step", "of a step");
  }

  @Test
  void timersComeWhenTheyAreDueAndNotBefore() {
    var begun = loop.now();
    var last = new CompletableFuture<Duration>();
    loop.execute(
        () -> {
          loop.after(Duration.ofMillis(30), () -> happened.add("second"));
          loop.after(Duration.ofMillis(40), () -> last.complete(loop.now()));
          loop.after(Duration.ofMillis(10), () -> happened.add("first"));
          loop.after(Duration.ofMillis(20), () -> happened.add("cancelled")).cancel();
        });
    assertThat(outcome(last).minus(begun)).isGreaterThanOrEqualTo(Duration.ofMillis(40));
    assertThat(happened).containsExactly("first", "second");
  }

  /** One that the loop's thread did not set must wake it, however far off its next one is. */
  @Test
  void aTimerOfAnotherThreadComesToo() {
    loop.after(Duration.ofDays(1), () -> happened.add("never"));
    var came = new CompletableFuture<String>();
    loop.after(Duration.ofMillis(1), () -> came.complete("came"));
    assertThat(outcome(came)).isEqualTo("came");
  }

  @Test
  void aFaultEndsItsOwnStepOnly() {
    loop.execute(
        () -> {
          throw new IllegalStateException("a defect");
        });
    loop.execute(() -> happened.add("next"));
    untilIdle();
    assertThat(happened).containsExactly("next");
  }

  @Test
  void whoHasBytesIsToldUntilItIsClosed() throws IOException {
    var pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    var ended = new CompletableFuture<Void>();
    loop.execute(
        () ->
            watch(
                pipe.source(),
                () -> {
                  var bytes = ByteBuffer.allocate(8);
                  if (read(pipe.source(), bytes) < 0) {
                    ended.complete(null);
                  } else {
                    happened.add(new String(bytes.array(), 0, bytes.position(), US_ASCII));
                  }
                }));
    pipe.sink().write(ByteBuffer.wrap("word".getBytes(US_ASCII)));
    pipe.sink().close();
    outcome(ended);
    pipe.source().close();
    assertThat(String.join("", happened)).isEqualTo("word");
  }

  private void watch(Pipe.SourceChannel channel, Runnable ready) {
    try {
      loop.watch(channel, SelectionKey.OP_READ, ready);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int read(Pipe.SourceChannel channel, ByteBuffer bytes) {
    try {
      return channel.read(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void untilIdle() {
    var done = new CompletableFuture<Void>();
    loop.execute(() -> loop.execute(() -> done.complete(null)));
    outcome(done);
  }

  private static <T> T outcome(CompletableFuture<T> future) {
    return future.orTimeout(Patience.limit().toMillis(), TimeUnit.MILLISECONDS).join();
  }
}
