package io.springtide.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.springtide.mesos.ProtobufGencode;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.config.ServerConfig;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** A server that leads in this process, and all that is seen of it from outside. */
final class SeenServer implements AutoCloseable {
  static {
    ProtobufGencode.allow();
  }

  /** By the place where it is seen. */
  final Map<String, String> seen = new TreeMap<>();

  private final Server server;
  private final int port;
  private final boolean secure;

  /** Of the first token, where one is asked for. */
  private String authorization = "X-Nobody: asks";

  /** {@code master} is the one that it was told. */
  SeenServer(ObjectNode told, OneHostMaster master, Web web) throws Exception {
    ServerConfig config = ConfigFile.parse(told);
    server =
        new Server(
            config,
            Map.of("XDG_CONFIG_HOME", config.dataDir().resolve("config").toString()),
            reason -> {
              throw new AssertionError(reason);
            });
    try {
      server.open();
      String address = Files.readString(config.dataDir().resolve("http.address")).strip();
      seen.put("its directory", "" + config.dataDir());
      port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      secure = address.startsWith("https:");
      server.lead();
      seen.put("who has no token", ask("GET /v1/pools", "", "Host: localhost"));
      seen.put("who measures", ask("GET /metrics", "", "Host: localhost"));
      seen.put("certificate", secure ? certificate() : "none");
      Path agents = config.dataDir().resolve("artifacts.address");
      seen.put("agents", Files.exists(agents) ? Files.readString(agents) : "of the API");
      Path token = config.dataDir().resolve("admin-token");
      if (Files.exists(token)) {
        authorization = "Authorization: Bearer " + Files.readString(token).strip();
      }
      look(master, web);
      seen.put("haste", haste());
    } catch (Exception e) {
      server.close();
      throw e;
    }
  }

  private void look(OneHostMaster master, Web web) throws IOException, InterruptedException {
    Call subscribed = master.subscribed();
    String role = subscribed.getSubscribe().getFrameworkInfo().getRoles(0);
    seen.put("SUBSCRIBE", subscribed.toString());
    seen.put("master", master.address());
    seen.put("authorization", master.authorization());
    seen.put("another address", listens("127.0.0.2") ? "answers" : "is deaf");
    seen.put("jar", ask("GET /artifacts/executor.jar", "", "Host: localhost"));
    seen.put("another name", ask("GET /v1/pools", "", "Host: springtide.example"));

    put("/v1/pools/idc", "{kind: owned, zone: east, selector: {place: idc}}");
    put("/v1/groups/feed", "{quotas: {idc: {limit: {}}}}");
    put(
        "/v1/jobs/feed.a",
        "{instances: 0, resources: {cpus: 1, memoryMiB: 64}, container: {image: a}}");
    seen.put("job", ask("GET /v1/jobs/feed.a", "", "Host: localhost"));
    TaskInfo first = master.offer(role);
    seen.put("executor", first.getExecutor().toString());
    seen.put("warden", first.toBuilder().clearExecutor().build() + first.getData().toStringUtf8());

    ask(
        "POST /v1/pools/idc/images:warm",
        "{\"image\": \"a:1\"}",
        "Host: localhost",
        "Content-Type: application/json");
    seen.put("warm", web.all());
    String pool =
        put(
            "/v1/pools/cloud",
            "{kind: on-demand, zone: east, pricePerHour: 1, hosts: {max: 1}, template: {driver:"
                + " local, endpoint: \"%s\", resources: {cpus: 4, memoryMiB: 4096}}}"
                    .formatted(web.url()));
    put("/v1/groups/feed", "{quotas: {idc: {limit: {}}, cloud: {limit: {}}}}");
    put(
        "/v1/jobs/feed.b",
        "{resources: {cpus: 1, memoryMiB: 64}, pools: [cloud], container: {image: a}}");
    seen.put("order", pool.contains("no cloud driver") ? "none" : web.next("POST /hosts"));
  }

  private String put(String path, String yaml) {
    return ask("PUT " + path, yaml, "Host: localhost", "Content-Type: application/yaml");
  }

  /** The statuses of many requests as fast as they go: on one connection, all at once. */
  private String haste() throws IOException {
    String one = "GET /v1/pools HTTP/1.1\r\nHost: localhost\r\n" + authorization + "\r\n";
    String all = (one + "\r\n").repeat(199) + one + "Connection: close\r\n\r\n";
    try (Socket socket = secure ? RawHttp.secure(port) : new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(all.getBytes(UTF_8));
      String answers = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return Pattern.compile("HTTP/1.1 (\\d+)")
          .matcher(answers)
          .results()
          .map(found -> found.group(1))
          .distinct()
          .toList()
          .toString();
    }
  }

  private String ask(String line, String body, String... headers) {
    String[] all = Arrays.copyOf(headers, headers.length + 1);
    all[headers.length] = authorization;
    try (Socket socket = secure ? RawHttp.secure(port) : new Socket("127.0.0.1", port)) {
      RawHttp.Answer answer = RawHttp.ask(socket, line, body, all);
      return answer.status() + " " + answer.text();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String certificate() throws IOException {
    try (SSLSocket socket = RawHttp.secure(port)) {
      return socket.getSession().getPeerCertificates()[0].toString();
    }
  }

  private boolean listens(String host) throws IOException {
    try (Socket socket = new Socket(host, port)) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }

  @Override
  public void close() {
    server.close();
  }

  /** What the server asks of others than Mesos: a cloud's host service, a registry proxy. */
  static final class Web implements AutoCloseable {
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final HttpServer http;

    Web() throws IOException {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.createContext(
          "/",
          exchange -> {
            requests.add(
                exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestURI()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Authorization")
                    + " "
                    + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            byte[] answer = "{\"hosts\": [], \"state\": \"done\"}".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      http.start();
    }

    String url() {
      return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    /** All requests so far. */
    String all() {
      return requests.size() + " " + requests;
    }

    String next(String start) throws InterruptedException {
      while (true) {
        String request = requests.poll(Patience.seconds(), TimeUnit.SECONDS);
        if (request == null || request.startsWith(start)) {
          return request == null ? "nothing" : request;
        }
      }
    }

    @Override
    public void close() {
      http.stop(0);
    }
  }
}
