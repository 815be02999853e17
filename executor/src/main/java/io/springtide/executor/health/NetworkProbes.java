package io.springtide.executor.health;

import io.springtide.mesos.Why;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Probes over the network, without a thread for each. */
public final class NetworkProbes implements AutoCloseable {
  private final ProbeSockets sockets;
  private HttpClient tls; // made when it is needed first

  public NetworkProbes() throws IOException {
    sockets = new ProbeSockets();
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
    if (uri.getScheme().equals("https")) {
      return https(uri, statuses, timeout);
    }
    URI ascii = URI.create(uri.toASCIIString());
    String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
    String target = ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
    int port = uri.getPort() < 0 ? 80 : uri.getPort();
    return () ->
        sockets
            .get(new InetSocketAddress(uri.getHost(), port), uri.getRawAuthority(), target, timeout)
            .handle((status, error) -> judged(uri, statuses, timeout, status, error));
  }

  private Probe https(URI uri, Set<Integer> statuses, Duration timeout) {
    var request =
        HttpRequest.newBuilder(uri).timeout(timeout).header("Connection", "close").build();
    return () -> {
      var answer = tls().sendAsync(request, BodyHandlers.discarding());
      return answer
          .copy()
          .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .whenComplete((response, error) -> answer.cancel(true))
          .thenApply(HttpResponse::statusCode)
          .handle((status, error) -> judged(uri, statuses, timeout, status, error));
    };
  }

  private synchronized HttpClient tls() {
    if (tls == null) {
      tls =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
    }
    return tls;
  }

  private static Void judged(
      URI uri, Set<Integer> statuses, Duration timeout, Integer status, Throwable error) {
    if (error != null) {
      throw new Unwell("GET " + uri + ": " + reason(error, timeout));
    }
    if (statuses.isEmpty() ? status < 200 || status > 399 : !statuses.contains(status)) {
      throw new Unwell("GET " + uri + " answered " + status);
    }
    return null;
  }

  /** A TCP connection, closed at once. */
  public Probe tcp(String host, int port, Duration timeout) {
    return () ->
        sockets
            .connect(new InetSocketAddress(host, port), timeout)
            .handle(
                (connected, error) -> {
                  if (error != null) {
                    throw new Unwell(
                        "connect to " + host + ":" + port + ": " + reason(error, timeout));
                  }
                  return null;
                });
  }

  private static String reason(Throwable error, Duration timeout) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
      return "no answer within " + timeout.toMillis() + " ms";
    }
    return Why.of(cause);
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
                                : Why.of(cause)));
                  }
                  if (code != 0) {
                    throw new Unwell(name + " exited with status " + code);
                  }
                  return null;
                });
  }

  @Override
  public void close() {
    sockets.close();
  }
}
