package io.springtide.registry.upstream;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.springtide.registry.http.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks an upstream again for a small answer when it fails or wants us to wait: a client that is
 * refused goes to the origin, and so would all the others.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class Retries {
  private final RetryPolicy policy;
  private final ScheduledExecutorService timer;

  public Retries(RetryPolicy policy, ScheduledExecutorService timer) {
    this.policy = policy;
    this.timer = timer;
  }

  /** The first answer that is no passing failure, or the last one of all. */
  public CompletableFuture<Reply> ask(Supplier<CompletableFuture<Reply>> question) {
    return ask(question, 0);
  }

  private CompletableFuture<Reply> ask(Supplier<CompletableFuture<Reply>> question, int failed) {
    return question
        .get()
        .handle((reply, error) -> again(question, failed, reply, error))
        .thenCompose(next -> next);
  }

  private CompletableFuture<Reply> again(
      Supplier<CompletableFuture<Reply>> question, int failed, Reply reply, Throwable error) {
    boolean passing =
        error != null || reply.status() == 429 || (reply.status() >= 500 && reply.status() != 501);
    long asked =
        reply == null
            ? 0
            : RetryPolicy.asked(
                reply.headers().get(HttpHeaderNames.RETRY_AFTER), System.currentTimeMillis());
    var delay = policy.delay(failed, false, asked);
    if (!passing || delay.isEmpty()) {
      return error == null
          ? CompletableFuture.completedFuture(reply)
          : CompletableFuture.failedFuture(error);
    }
    CompletableFuture<Void> waited = new CompletableFuture<>();
    timer.schedule(() -> waited.complete(null), delay.get(), TimeUnit.MILLISECONDS);
    return waited.thenCompose(done -> ask(question, failed + 1));
  }
}
