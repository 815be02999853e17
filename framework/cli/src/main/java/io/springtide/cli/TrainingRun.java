package io.springtide.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What {@code tide} has the JVM run once after a build, to keep the classes that commands load:
 * they ask a server that answers with empty lists, and print to nowhere.
 */
public final class TrainingRun {
  private TrainingRun() {}

  public static void main(String[] arguments) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "{\"items\": [{\"id\": \"a.b\"}]}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    Path directory = Files.createTempDirectory("tide");
    Path config = Files.createDirectory(directory.resolve("tide")).resolve("config.yaml");
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      Files.writeString(config, "{current: a, contexts: {a: {api: '" + url + "'}}}");
      run(Map.of("XDG_CONFIG_HOME", directory.toString()), "job", "list");
      run("job", "list", "--api", url);
      run("job", "scale", "a.b", "1", "--api", url);
      run("instance", "list", "--api", url);
      run("host", "list", "--api", url);
      run("pool", "list", "--api", url);
      run("status", "--api", url);
      run("group", "list", "--api", url, "-o", "json");
      run("explain", "a.b", "--api", url);
      run("job", "--help");
    } finally {
      server.stop(0);
      Files.delete(config);
      Files.delete(config.getParent());
      Files.delete(directory);
    }
  }

  private static void run(String... arguments) {
    run(Map.of("XDG_CONFIG_HOME", "/nowhere"), arguments);
  }

  private static void run(Map<String, String> environment, String... arguments) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    TideMain.run(
        new Surroundings(nowhere, nowhere, environment, false, () -> null, millis -> false),
        arguments);
  }
}
