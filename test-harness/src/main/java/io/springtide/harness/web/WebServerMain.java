package io.springtide.harness.web;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Answers every request with 200 and the name of its instance, on the port in {@code PORT_HTTP},
 * until SIGTERM.
 */
public final class WebServerMain {
  /** Flags that keep it at some 40 MB of resident memory and a third of a second to start. */
  private static final List<String> FLAGS =
      List.of(
          "-Xms8m",
          "-Xmx16m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:ReservedCodeCacheSize=16m",
          "-XX:-UsePerfData",
          "-Xss256k",
          "-Xshare:auto");

  private WebServerMain() {}

  /** The command that runs it on this machine, as an argument list. */
  public static List<String> command() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes =
        file(WebServerMain.class.getProtectionDomain().getCodeSource().getLocation()).toString();
    var command = new ArrayList<String>();
    command.add(java);
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", classes, WebServerMain.class.getName()));
    return List.copyOf(command);
  }

  /** A code source as a path: what a URL writes as %20 is a blank. */
  static Path file(URL location) {
    try {
      return Path.of(location.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("this program was not loaded from a file: " + location, e);
    }
  }

  public static void main(String[] args) throws IOException {
    Map<String, String> env = System.getenv();
    String port = env.get("PORT_HTTP");
    if (port == null) {
      System.err.println("PORT_HTTP is not set: name a port of the job 'http'");
      System.exit(64);
    }
    byte[] body =
        ("hello from " + env.getOrDefault("SPRINGTIDE_INSTANCE", "nobody") + "\n")
            .getBytes(StandardCharsets.UTF_8);
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(port)), 0);
    server.setExecutor(Executors.newFixedThreadPool(2));
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    System.out.println("listening on port " + port);
  }
}
