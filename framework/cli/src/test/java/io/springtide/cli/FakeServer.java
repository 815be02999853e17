package io.springtide.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server that answers what a test tells it to, and remembers what it was asked. */
final class FakeServer implements AutoCloseable {
  /** Answers one request itself. */
  interface Handler {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Handler> answers = new ConcurrentHashMap<>();

  /** What was asked: {@code METHOD path?query} and, after a space, the body. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  /** The Authorization of each request, empty where there was none. */
  final List<String> authorized = new CopyOnWriteArrayList<>();

  FakeServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    authorized.add(authorization == null ? "" : authorization);
    asked.add(body.isEmpty() ? request : request + " " + body);
    Handler handler = answers.get(request.replaceFirst("\\?.*", ""));
    if (handler == null) {
      handler =
          send(
              404,
              "{'title': 'No such thing', 'detail': 'there is no such thing', 'fix': 'see"
                  + " docs/http-api.md'}");
    }
    handler.answer(exchange);
    exchange.close();
  }

  /** Answers {@code METHOD /path} with a document, in which quotes may be single ones. */
  void when(String request, String json) {
    when(request, send(200, json));
  }

  void when(String request, Handler handler) {
    answers.put(request, handler);
  }

  static Handler send(int status, String json) {
    return exchange -> {
      byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    };
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
