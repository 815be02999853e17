package io.springtide.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.springtide.cloud.CloudDrivers;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.access.Trail;
import io.springtide.server.document.Documents;
import io.springtide.server.http.Door;
import io.springtide.server.http.Gate;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.LeadingCore;
import io.springtide.server.http.Listeners;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import io.springtide.server.loop.SteadyClock;
import io.springtide.server.mesos.ExecutorJar;
import io.springtide.server.mesos.ExecutorTable;
import io.springtide.server.mesos.FakeMesos;
import io.springtide.server.mesos.MesosDesk;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A framework in this process: the real core, loop, HTTP server and Mesos translation, on a store
 * in memory and with a test in Mesos' place. May be restarted on what is durable.
 */
public final class Framework implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** What outlives a framework process. */
  public static final class Durable {
    final StateStore store;
    final Map<String, byte[]> executors = new ConcurrentHashMap<>();

    public Durable() {
      this(new MemoryStateStore());
    }

    public Durable(StateStore store) {
      this.store = store;
    }
  }

  public final FakeMesos mesos;
  private final CoreLoop loop;
  private final HttpApi api;
  private volatile String died = "";

  private Framework(Durable durable, SteadyClock clock, Gate gate, Trail trail)
      throws HttpApi.PortException {
    CoreConfig config = CoreConfig.of(MesosDesk.EXECUTOR);
    SchedulerCore core = SchedulerCore.restore(config, durable.store.load(), clock.instant());
    Published published = Server.published(core);
    loop = new CoreLoop(core, durable.store, published, clock, trail, reason -> died = reason);
    api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0),
            new Door(List.of(), false),
            gate,
            name -> Optional.empty());
    ExecutorTable.Shelf shelf =
        new ExecutorTable.Shelf() {
          @Override
          public Map<String, byte[]> all() {
            return durable.executors;
          }

          @Override
          public void keep(String id, byte[] description) {
            durable.executors.put(id, description);
          }
        };
    ExecutorJar jar =
        new ExecutorJar("cafe", "http://127.0.0.1:" + api.port() + "/artifacts/cafe/executor.jar");
    MesosDesk desk =
        new MesosDesk(
            FakeMesos.registration("http://127.0.0.1:" + api.port() + "/"),
            core.view().frameworkId(),
            new ExecutorTable(shelf, jar, "java"),
            config.executor(),
            config.warden(),
            "127.0.0.1:8500",
            loop::submit,
            loop::submitInside);
    CloudDesk clouds =
        new CloudDesk(
            new CloudDrivers(List.of()), "test", loop::submitInside, Runnable::run, clock);
    mesos = new FakeMesos(desk);
    loop.start(new Desks(desk, clouds));
    api.lead(new LeadingCore(loop, published, pool -> {}));
  }

  public static Framework start(Durable durable) {
    return start(durable, SteadyClock.system());
  }

  public static Framework start(Durable durable, SteadyClock clock) {
    return start(durable, clock, Gate.open());
  }

  public static Framework start(Durable durable, SteadyClock clock, Gate gate) {
    return start(durable, clock, gate, Trail.NONE);
  }

  public static Framework start(Durable durable, SteadyClock clock, Gate gate, Trail trail) {
    try {
      return new Framework(durable, clock, gate, trail);
    } catch (HttpApi.PortException e) {
      throw new AssertionError(e);
    }
  }

  /** A pool {@code idc}, and a group that may use 100 cpus there and run processes. */
  public void idcAndFeed() {
    put("/v1/pools/idc", "{\"kind\": \"owned\", \"selector\": {\"place\": \"idc\"}}");
    put(
        "/v1/groups/feed",
        "{\"quotas\": {\"idc\": {\"guarantee\": {\"cpus\": 0}, \"limit\": {\"cpus\": 100}}},"
            + " \"policy\": {\"runtimes\": [\"docker\", \"process\"]}}");
  }

  /** Of the API, such as {@code PUT /v1/jobs/{id}}. */
  public List<String> routes() {
    return api.routes();
  }

  public int port() {
    return api.port();
  }

  /** Why the process would have ended; empty while it would not. */
  public String died() {
    return died;
  }

  /** An answer: its status, its headers, and its body as JSON. */
  public record Answer(int status, JsonNode body, java.net.http.HttpHeaders headers) {
    public String text(String field) {
      return body.path(field).asText();
    }
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  /** What a GET answers, whatever it is. */
  public byte[] raw(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Patience.limit())
            .build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  public Answer put(String path, String body, String... headers) {
    return send("PUT", path, body, headers);
  }

  public Answer post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  public Answer delete(String path, String... headers) {
    return send("DELETE", path, null, headers);
  }

  public Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Patience.limit())
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!List.of(headers).contains("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      JsonNode json =
          type.contains("/json") || type.contains("problem+json")
              ? Documents.json(response.body().getBytes(StandardCharsets.UTF_8))
              : NullNode.instance;
      return new Answer(response.statusCode(), json, response.headers());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    api.close();
    loop.close();
  }
}
