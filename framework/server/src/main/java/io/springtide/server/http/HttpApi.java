package io.springtide.server.http;

import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.access.Peers;
import io.springtide.server.document.Documents;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server of this process. */
public final class HttpApi implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpApi.class);

  /** Readers of events hold one each: so many more for all others. */
  private static final int THREADS = EventFeed.READERS + 100;

  private static final long STOP_MILLIS = 2000;
  private static final Set<HandlerType> ROUTED =
      Set.of(HandlerType.GET, HandlerType.PUT, HandlerType.POST, HandlerType.DELETE);

  /** A core that has taken no turn for this long hangs: it takes ten a second. */
  private static final Duration HANGS = Duration.ofSeconds(15);

  private final AtomicReference<LeadingCore> core = new AtomicReference<>();
  private final Metrics metrics = new Metrics(core::get);
  private final EventFeed events = new EventFeed(this::require);
  private final Function<String, Optional<Path>> artifacts;
  private final Door door;
  private final Gate gate;
  private final Javalin server;
  private volatile RegistryProxies proxies = RegistryProxies.none();
  private volatile Forwarding forwarding;

  /**
   * Listens, and lets in everybody whom the door lets in.
   *
   * @param port 0: a free one
   * @param door whom to let in
   * @param artifacts finds the file of {@code /artifacts/<name>}
   * @throws PortException if it cannot
   */
  public HttpApi(String host, int port, Door door, Function<String, Optional<Path>> artifacts)
      throws PortException {
    this(host, port, door, Gate.open(), artifacts);
  }

  /**
   * Listens.
   *
   * @param port 0: a free one
   * @param door whom to let in by where they come from
   * @param gate whom to let in by who they are
   * @param artifacts finds the file of {@code /artifacts/<name>}
   * @throws PortException if it cannot
   */
  public HttpApi(
      String host, int port, Door door, Gate gate, Function<String, Optional<Path>> artifacts)
      throws PortException {
    this.door = door;
    this.gate = gate;
    metrics.count(gate);
    this.artifacts = artifacts;
    this.server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.startupWatcherEnabled = false;
              config.startup.showOldJavalinVersionWarning = false;
              config.http.prefer405over404 = true;
              config.http.maxRequestSize = RequestReader.MAX_BODY;
              config.jetty.host = host;
              config.jetty.port = port;
              config.jetty.threadPool = new QueuedThreadPool(THREADS, 4);
              config.jetty.modifyServer(
                  jetty -> {
                    jetty.setStopTimeout(STOP_MILLIS);
                    jetty.setErrorHandler(new JettyProblems());
                  });
              routes(config.routes);
            });
    try {
      server.start();
    } catch (JavalinBindException e) {
      throw new PortException(host, port, e);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof BindException) {
        throw new PortException(host, port, e);
      }
      throw e;
    }
  }

  /** The address cannot be listened on. */
  public static final class PortException extends Exception {
    private static final long serialVersionUID = 1L;

    PortException(String host, int port, Throwable cause) {
      super(
          "http.address: cannot listen on "
              + host
              + ":"
              + port
              + ": another process listens there, or the address is not this machine's;"
              + " stop it, or write another address (port 0: any free one)",
          cause);
    }
  }

  public int port() {
    return server.port();
  }

  /** All routes, such as {@code PUT /v1/jobs/{id}}, in no order. */
  public List<String> routes() {
    return server.unsafe.internalRouter.allHttpHandlers().stream()
        .map(parsed -> parsed.endpoint)
        .filter(endpoint -> ROUTED.contains(endpoint.method))
        .map(endpoint -> endpoint.method.name() + " " + endpoint.path)
        .toList();
  }

  /**
   * From now on this process waits for the leader to end, and passes on what it is asked: that is
   * well, too.
   *
   * @param leader {@code host:port} of the process that leads, if any is known
   * @param peers by which the leader believes this process, as soon as they are known
   */
  public void standBy(Supplier<Optional<String>> leader, Supplier<Optional<Peers>> peers) {
    forwarding = new Forwarding(leader, peers);
  }

  /** Where images can be brought to. */
  public void images(RegistryProxies known) {
    proxies = known;
  }

  /** From now on this process leads, and answers. */
  public void lead(LeadingCore leading) {
    events.lead(leading);
    core.set(leading);
  }

  @Override
  public void close() {
    events.close();
    try {
      server.stop();
    } catch (JavalinException e) {
      // It is stopped all the same: Jetty says so of connections that did not end in time by
      // themselves, and closes them.
      log.info("Connections were cut off at the end: {}", e.getMessage());
    } finally {
      metrics.close();
    }
  }

  private LeadingCore require() {
    LeadingCore leading = core.get();
    if (leading == null) {
      throw Problem.unavailable(
          "this process does not lead, or not yet", "ask the leader, or try again");
    }
    return leading;
  }

  /** On each answer of a leader: what it says is of this version or a later one. */
  private void sayVersion(Context http) {
    LeadingCore leading = core.get();
    if (leading != null) {
      Replies.version(http, leading.view().version());
    }
  }

  private void forward(Context http) {
    Forwarding follower = forwarding;
    if (core.get() == null && follower != null) {
      http.skipRemainingHandlers();
      follower.pass(http);
    }
  }

  private void routes(RoutesConfig routes) {
    routes.before(this::sayVersion);
    routes.before(door::check);
    routes.before("/v1/*", this::forward);
    routes.before("/v1/*", gate::identify);
    routes.beforeMatched(gate::allow);
    routes.after("/v1/*", gate::note);
    // A change has been made durable meanwhile: the answer says of which version it is.
    routes.after(this::sayVersion);
    routes.get("/healthz", this::health);
    routes.get("/metrics", metrics::answer);
    routes.get("/artifacts/<name>", this::artifact);
    Plans plans = new Plans(this::require);
    new PoolsAndGroups(this::require, plans).register(routes);
    new Jobs(this::require, plans).register(routes);
    new Hosts(this::require).register(routes);
    new Orders(this::require).register(routes);
    plans.register(routes);
    new Images(this::require, () -> proxies).register(routes);
    events.register(routes);
    new TokenRoutes(gate).register(routes);
    new AuditRoutes(gate).register(routes);
    routes.exception(Problem.class, (problem, http) -> problem.write(http));
    routes.exception(InvalidModelException.class, (e, http) -> Problem.invalid(e).write(http));
    routes.exception(HttpResponseException.class, HttpApi::answered);
    routes.exception(
        Exception.class,
        (e, http) -> {
          log.error("{} {} failed", http.method(), http.path(), e);
          new Problem(500, "Our fault", "the server failed; its log says more", "", "report it")
              .write(http);
        });
  }

  private static void answered(HttpResponseException e, Context http) {
    int status = e.getStatus();
    Problem problem =
        switch (status) {
          case 404 ->
              Problem.notFound(
                  "there is nothing at " + RequestReader.cut(http.path()), "see docs/http-api.md");
          case 405 ->
              new Problem(
                  405,
                  "Method not allowed",
                  http.method() + " is not for " + RequestReader.cut(http.path()),
                  "",
                  "see docs/http-api.md");
          case 413 ->
              new Problem(
                  413, "Too large", "the body has more than 1 MiB", "", "send a smaller document");
          case 415 ->
              new Problem(
                  415,
                  "Media type not supported",
                  "the request's media type is not taken here",
                  "Content-Type",
                  "send application/json or application/yaml");
          default ->
              new Problem(
                  status,
                  status < 500 ? "Refused" : "Our fault",
                  "the HTTP server answers " + status,
                  "",
                  "see docs/http-api.md");
        };
    problem.write(http);
  }

  private void health(Context http) {
    LeadingCore leading = core.get();
    var node = Documents.object();
    boolean well =
        leading == null ? forwarding != null : leading.loop().idle().compareTo(HANGS) < 0;
    node.put(
        "status",
        leading == null ? forwarding != null ? "standby" : "starting" : well ? "leading" : "hangs");
    if (leading != null) {
      node.put("mesos", leading.view().connected() ? "subscribed" : "disconnected");
      node.put("frameworkId", leading.view().frameworkId());
      node.put("version", leading.view().version());
    }
    http.status(well ? 200 : 503);
    Replies.json(http, node);
  }

  private void artifact(Context http) throws java.io.IOException {
    String name = http.pathParam("name");
    Path file =
        artifacts
            .apply(name)
            .orElseThrow(
                () ->
                    Problem.notFound(
                        "there is no artifact " + RequestReader.cut(name),
                        "/artifacts/executor.jar is the executor"));
    http.contentType("application/java-archive");
    http.header("Content-Length", Long.toString(java.nio.file.Files.size(file)));
    http.disableCompression();
    http.result(java.nio.file.Files.newInputStream(file));
  }
}
