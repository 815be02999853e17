package io.springtide.executor.health;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Probes over the network, without a thread for each. */
public final class NetworkProbes implements AutoCloseable {
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          step -> {
            var thread = new Thread(step, "probes");
            thread.setDaemon(true);
            return thread;
          });
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .executor(threads)
          .build();
  private final AsynchronousChannelGroup sockets;

  public NetworkProbes() throws IOException {
    sockets =
        AsynchronousChannelGroup.withFixedThreadPool(
            1,
            step -> {
              var thread = new Thread(step, "probes-tcp");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * GET.
   *
   * @param uri what to ask for; redirects are not followed
   * @param statuses what is well; empty: 200 to 399, as with Mesos
   * @param timeout for the whole answer
   */
  public Probe http(URI uri, Set<Integer> statuses, Duration timeout) {
    // No connection is kept: a probe must find out whether new ones are accepted.
    var request =
        HttpRequest.newBuilder(uri).timeout(timeout).header("Connection", "close").build();
    return () -> {
      var answer = http.sendAsync(request, BodyHandlers.discarding());
      return answer
          .copy()
          .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .whenComplete((response, error) -> answer.cancel(true))
          .handle(
              (response, error) -> {
                if (error != null) {
                  throw new Unwell("GET " + uri + ": " + reason(error, timeout));
                }
                int status = response.statusCode();
                if (statuses.isEmpty()
                    ? status < 200 || status > 399
                    : !statuses.contains(status)) {
                  throw new Unwell("GET " + uri + " answered " + status);
                }
                return null;
              });
    };
  }

  /** A TCP connection, closed at once. */
  public Probe tcp(String host, int port, Duration timeout) {
    return () -> {
      var connected = new CompletableFuture<Void>();
      AsynchronousSocketChannel channel;
      try {
        channel = AsynchronousSocketChannel.open(sockets);
      } catch (IOException e) {
        return CompletableFuture.failedStage(
            new Unwell("no socket to probe with: " + e.getMessage()));
      }
      channel.connect(new InetSocketAddress(host, port), connected, CONNECTED);
      return connected
          .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .handle(
              (nothing, error) -> {
                close(channel);
                if (error != null) {
                  throw new Unwell(
                      "connect to " + host + ":" + port + ": " + reason(error, timeout));
                }
                return null;
              });
    };
  }

  private static final CompletionHandler<Void, CompletableFuture<Void>> CONNECTED =
      new CompletionHandler<>() {
        @Override
        public void completed(Void nothing, CompletableFuture<Void> connected) {
          connected.complete(null);
        }

        @Override
        public void failed(Throwable error, CompletableFuture<Void> connected) {
          connected.completeExceptionally(error);
        }
      };

  private static void close(AsynchronousSocketChannel channel) {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      return; // that is what we want
    }
  }

  private static String reason(Throwable error, Duration timeout) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
      return "no answer within " + timeout.toMillis() + " ms";
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** A probe that is a step of something else, with the same rules for its failure. */
  public static Probe command(
      java.util.function.Supplier<CompletionStage<Integer>> run, String name) {
    return () ->
        run.get()
            .handle(
                (code, error) -> {
                  if (error != null) {
                    Throwable cause = error.getCause() != null ? error.getCause() : error;
                    throw new Unwell(
                        name
                            + ": "
                            + (cause instanceof TimeoutException
                                ? "did not end in time"
                                : cause.getMessage()));
                  }
                  if (code != 0) {
                    throw new Unwell(name + " exited with status " + code);
                  }
                  return null;
                });
  }

  @Override
  public void close() {
    sockets.shutdown();
    threads.shutdown();
  }
}
