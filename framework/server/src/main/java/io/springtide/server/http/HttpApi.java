package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.access.Peers;
import io.springtide.server.access.Right;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Shape;
import io.springtide.server.loop.Standby;
import io.springtide.server.tls.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server of this process. */
public final class HttpApi implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpApi.class);

  /** Readers of events hold one each: so many more for all others. */
  private static final int THREADS = EventFeed.READERS + 100;

  /** What fetches slowly holds one, and none of the API's. */
  private static final int AGENTS_THREADS = 64;

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
  private final Optional<Tls> tls;
  private final Listener server;
  private final Optional<Listener> agents;
  private volatile RegistryProxies proxies = RegistryProxies.none();
  private volatile Following following;
  private volatile BooleanSupplier leads = () -> true;
  private volatile String zooKeeper = "";

  /**
   * Listens, and lets in everybody whom the door lets in.
   *
   * @param door whom to let in
   * @param artifacts finds the file of {@code /artifacts/<name>}
   * @throws PortException if it cannot
   */
  public HttpApi(Listeners listeners, Door door, Function<String, Optional<Path>> artifacts)
      throws PortException {
    this(listeners, door, Gate.open(), artifacts);
  }

  /**
   * Listens.
   *
   * @param door whom to let in by where they come from
   * @param gate whom to let in by who they are
   * @param artifacts finds the file of {@code /artifacts/<name>}
   * @throws PortException if it cannot
   */
  public HttpApi(
      Listeners listeners, Door door, Gate gate, Function<String, Optional<Path>> artifacts)
      throws PortException {
    this.door = door;
    this.gate = gate;
    this.tls = listeners.tls();
    metrics.count(gate);
    tls.ifPresent(metrics::watch);
    this.artifacts = artifacts;
    Listener api =
        new Listener(
            "http.address",
            new Listeners.Plain(listeners.host(), listeners.port()),
            tls,
            THREADS,
            this::routes);
    try {
      agents = agents(listeners);
    } catch (PortException e) {
      api.close();
      throw e;
    }
    server = api;
  }

  /** Has no other route than those that agents ask: nothing else can be had without TLS. */
  private Optional<Listener> agents(Listeners listeners) throws PortException {
    if (listeners.artifacts().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Listener(
            "artifacts.address",
            listeners.artifacts().get(),
            Optional.empty(),
            AGENTS_THREADS,
            this::routesOfAgents));
  }

  /** The address cannot be listened on. */
  public static final class PortException extends Exception {
    private static final long serialVersionUID = 1L;

    PortException(String key, Listeners.Plain where, Throwable cause) {
      super(
          key
              + ": cannot listen on "
              + where.host()
              + ":"
              + where.port()
              + ": another process listens there, or the address is not this machine's;"
              + " stop it, or write another address (port 0: any free one)",
          cause);
    }
  }

  public int port() {
    return server.port();
  }

  /** The port at which agents fetch the executor, without TLS. */
  public int artifactsPort() {
    return agents.map(Listener::port).orElseGet(this::port);
  }

  /** All routes, such as {@code PUT /v1/jobs/{id}}, in no order. */
  public List<String> routes() {
    return server.server().unsafe.internalRouter.allHttpHandlers().stream()
        .map(parsed -> parsed.endpoint)
        .filter(endpoint -> ROUTED.contains(endpoint.method))
        .map(endpoint -> endpoint.method.name() + " " + endpoint.path)
        .toList();
  }

  /**
   * From now on this process waits for the leader to end, and passes on what it is asked: that is
   * well, too.
   *
   * @param leader {@code http[s]://host:port} of the process that leads, if any is known
   * @param peers by which the leader believes this process, as soon as they are known
   * @param standby what this process follows
   * @param trouble why it does not, if it does not
   */
  public void standBy(
      Supplier<Optional<String>> leader,
      Supplier<Optional<Peers>> peers,
      Standby standby,
      Supplier<Optional<String>> trouble) {
    Forwarding forwarding = new Forwarding(leader, peers, standby, tls.map(Tls::client));
    following = new Following(standby, trouble, forwarding);
    metrics.follow(() -> core.get() == null ? Optional.of(standby) : Optional.empty());
  }

  /**
   * What {@code /healthz} says of the ZooKeeper that the state is in.
   *
   * @param how {@code embedded}, {@code shut} or {@code open}
   */
  public void zooKeeper(String how) {
    zooKeeper = how;
  }

  /** Where images can be brought to. */
  public void images(RegistryProxies known) {
    proxies = known;
  }

  /** From now on this process leads, and answers. */
  public void lead(LeadingCore leading) {
    lead(leading, () -> true);
  }

  /**
   * From now on this process leads, and answers.
   *
   * @param holds whether no other can have taken over yet: else nothing is said below {@code /v1}
   */
  public void lead(LeadingCore leading, BooleanSupplier holds) {
    leads = holds;
    events.lead(leading);
    core.set(leading);
    following = null;
  }

  @Override
  public void close() {
    events.close();
    agents.ifPresent(Listener::close);
    try {
      server.close();
    } finally {
      metrics.close();
    }
  }

  private LeadingCore require() {
    LeadingCore leading = core.get();
    Following other = following;
    if (leading == null && other != null && other.toRead().isPresent()) {
      return other.toRead().get();
    }
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

  /** What only the leader knows, or does, is asked of it. */
  private void forward(Context http) {
    Following other = following;
    if (core.get() == null && other != null && !other.answers(http)) {
      http.skipRemainingHandlers();
      other.pass(http);
    }
  }

  /** Who woke up after a long sleep must not answer as the leader that it was. */
  private void requireLead(Context http) {
    if (core.get() != null && !leads.getAsBoolean()) {
      throw Problem.unavailable(
          "this process cannot know whether it still leads: ZooKeeper does not answer it",
          "ask another server, or try again");
    }
  }

  private void routes(RoutesConfig routes) {
    routes.before(this::sayVersion);
    routes.before(door::check);
    routes.before("/v1/*", this::requireLead);
    routes.before("/v1/*", gate::identify);
    routes.before("/metrics", gate::identifyReaderOfMetrics);
    routes.beforeMatched(gate::allow);
    routes.beforeMatched("/v1/*", this::forward);
    routes.after("/v1/*", gate::note);
    // A change has been made durable meanwhile: the answer says of which version it is.
    routes.after(this::sayVersion);
    routes.after("/metrics", gate::note);
    for (Route route : described()) {
      route.register(routes);
    }
    failures(routes);
  }

  private void routesOfAgents(RoutesConfig routes) {
    health().register(routes);
    artifacts().register(routes);
    failures(routes);
  }

  private static void failures(RoutesConfig routes) {
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

  /** All that can be asked. */
  private List<Route> described() {
    Plans plans = new Plans(this::require);
    List<Route> all = new ArrayList<>();
    all.addAll(new PoolsAndGroups(this::require, plans).routes());
    all.addAll(new Jobs(this::require, plans).routes());
    all.addAll(new DeploymentRoutes(this::require).routes());
    all.addAll(new Hosts(this::require).routes());
    all.addAll(new Orders(this::require).routes());
    all.addAll(plans.routes());
    all.addAll(new Images(this::require, () -> proxies).routes());
    all.addAll(events.routes());
    all.addAll(new TokenRoutes(gate).routes());
    all.addAll(new AuditRoutes(gate).routes());
    all.addAll(new StateRoutes(this::require).routes());
    all.addAll(List.of(health(), metrics(), artifacts()));
    all.add(OpenApi.route(all));
    return all;
  }

  private Route health() {
    return Route.get("/healthz", "getHealth", "How this server is")
        .right(Right.PUBLIC)
        .answers(200, Shape.HEALTH, "It leads, or stands by.")
        .answers(503, Shape.HEALTH, "It starts, or hangs.")
        .does(this::health);
  }

  private Route metrics() {
    return Route.get("/metrics", "getMetrics", "Figures for Prometheus")
        .right(Right.PUBLIC)
        .answers(new Route.Answer(200, "The figures.", null, "text/plain", false))
        .refuses(401, 429)
        .does(metrics::answer);
  }

  private Route artifacts() {
    return Route.get("/artifacts/<name>", "getArtifact", "What agents fetch")
        .right(Right.PUBLIC)
        .with(Parameter.path("name", "executor.jar, or its SHA-256 before it and a /."))
        .answers(new Route.Answer(200, "The file.", null, "application/java-archive", false))
        .refuses(404)
        .does(this::artifact);
  }

  private static void answered(HttpResponseException e, Context http) {
    int status = e.getStatus();
    Problem problem =
        switch (status) {
          case 404 ->
              Problem.notFound(
                  "there is nothing at " + RequestReader.cut(http.path()),
                  "see docs/http-api.md, or /openapi.json here");
          case 405 ->
              new Problem(
                  405,
                  "Method not allowed",
                  http.method() + " is not for " + RequestReader.cut(http.path()),
                  "",
                  "see docs/http-api.md, or /openapi.json here");
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
                  "see docs/http-api.md, or /openapi.json here");
        };
    problem.write(http);
  }

  private void health(Context http) {
    LeadingCore leading = core.get();
    var node = Documents.object();
    boolean well = following != null;
    String status = well ? "standby" : "starting";
    if (leading != null) {
      boolean turns = leading.loop().idle().compareTo(HANGS) < 0;
      well = turns && leads.getAsBoolean();
      status = well ? "leading" : turns ? "unsure" : "hangs";
    }
    node.put("status", status);
    if (leading == null && following != null) {
      following.health(node);
    }
    if (leading != null) {
      node.put("mesos", leading.view().connected() ? "subscribed" : "disconnected");
      node.put("frameworkId", leading.view().frameworkId());
      node.put("version", leading.view().version());
    }
    if (!zooKeeper.isEmpty()) {
      node.put("zookeeper", zooKeeper);
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
