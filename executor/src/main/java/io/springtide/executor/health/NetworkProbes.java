package io.springtide.executor.health;

import io.springtide.executor.loop.EventLoop;
import io.springtide.mesos.Why;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Probes over the network, on the executor's loop. */
public final class NetworkProbes implements AutoCloseable {
  /** Of IPv4 or IPv6: only there are colons. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

  private final ProbeSockets sockets;
  private HttpClient tls; // made when it is needed first

  public NetworkProbes(EventLoop loop) {
    sockets = new ProbeSockets(loop);
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
    var request =
        ByteBuffer.wrap(
            "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: springtide\r\nConnection: close\r\n\r\n"
                .formatted(target, uri.getRawAuthority())
                .getBytes(StandardCharsets.US_ASCII));
    var to = address(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort());
    BiFunction<Integer, Throwable, Void> judge =
        (status, error) -> judged(uri, statuses, timeout, status, error);
    return () -> sockets.ask(to.get(), request, timeout).handle(judge);
  }

  /** A name is looked up each time: what it stands for may change. */
  private static Supplier<InetSocketAddress> address(String host, int port) {
    if (!ADDRESS.matcher(host).matches()) {
      return () -> new InetSocketAddress(host, port);
    }
    var address = new InetSocketAddress(host, port);
    return () -> address;
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
    var to = address(host, port);
    return () ->
        sockets
            .ask(to.get(), null, timeout)
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
  public static Probe command(Supplier<CompletionStage<Integer>> run, String name) {
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
