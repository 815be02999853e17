package io.springtide.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real Consul agent in dev mode, on ports of its own. */
public final class ConsulServer implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final Process process;
  private final int port;

  private ConsulServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  public static ConsulServer start(Path log) throws IOException, InterruptedException {
    Path binary = Needs.consul();
    List<Integer> ports = freePorts(4);
    var process =
        new ProcessBuilder(
                binary.toString(),
                "agent",
                "-dev",
                "-bind=127.0.0.1",
                "-client=127.0.0.1",
                "-http-port=" + ports.get(0),
                "-serf-lan-port=" + ports.get(1),
                "-serf-wan-port=" + ports.get(2),
                "-server-port=" + ports.get(3),
                "-grpc-port=-1",
                "-dns-port=-1",
                "-log-level=warn")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    var consul = new ConsulServer(process, ports.get(0));
    consul.awaitLeader();
    return consul;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    var ports = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  private void awaitLeader() throws InterruptedException {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (System.nanoTime() < deadline) {
      try {
        if (get("/v1/status/leader").asText().contains(":")) {
          return;
        }
      } catch (IOException notYet) {
        if (!process.isAlive()) {
          throw new AssertionError("consul did not start", notYet);
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new AssertionError("consul has no leader");
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public JsonNode get(String path) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("http://" + address() + path)).build();
    return json.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  /** As a client sees a service. */
  public int passing(String service) throws IOException, InterruptedException {
    return get("/v1/health/service/" + service + "?passing").size();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
