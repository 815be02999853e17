package io.springtide.server;

import io.springtide.cloud.CloudDrivers;
import io.springtide.mesos.Credential;
import io.springtide.mesos.HttpMesos;
import io.springtide.mesos.OperatorClient;
import io.springtide.mesos.WireOptions;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.access.Access;
import io.springtide.server.access.Audit;
import io.springtide.server.access.AuditFile;
import io.springtide.server.access.FollowedTokens;
import io.springtide.server.access.Peers;
import io.springtide.server.config.ConfigException;
import io.springtide.server.config.FileTrouble;
import io.springtide.server.config.PrivateFile;
import io.springtide.server.config.ServerConfig;
import io.springtide.server.http.Door;
import io.springtide.server.http.Gate;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.LeadingCore;
import io.springtide.server.http.Listeners;
import io.springtide.server.http.RegistryProxies;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import io.springtide.server.loop.Standby;
import io.springtide.server.loop.SteadyClock;
import io.springtide.server.mesos.AgentsDesk;
import io.springtide.server.mesos.ExecutorTable;
import io.springtide.server.mesos.FrameworkIdentity;
import io.springtide.server.mesos.MesosDesk;
import io.springtide.server.store.EmbeddedZooKeeper;
import io.springtide.server.store.FollowerMark;
import io.springtide.server.store.Leadership;
import io.springtide.server.store.PeerSecret;
import io.springtide.server.store.Shelf;
import io.springtide.server.store.StoreException;
import io.springtide.server.store.Tail;
import io.springtide.server.store.TokenShelf;
import io.springtide.server.store.TokenWatch;
import io.springtide.server.store.ZooKeeperClient;
import io.springtide.server.store.ZooKeeperStateStore;
import io.springtide.server.tls.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires one framework process together, and takes it apart in reverse. */
final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);
  static final Duration SESSION = Duration.ofSeconds(10);
  private static final long AUDIT_BYTES = 16 << 20;
  private static final int AUDIT_FILES = 8;
  private static final int MAX_PORT = 65_535;

  private final ServerConfig config;
  private final Map<String, String> environment;
  private final Consumer<String> fatal;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private DataDir data;
  private Artifacts artifacts;
  private HttpApi api;
  private Gate gate;
  private Audit audit;
  private volatile Optional<Peers> peers = Optional.empty();
  private EmbeddedZooKeeper embedded;
  private TideFiles shown;

  /** What is followed before this process leads; null where nobody else can. */
  private Followed followed;

  private record Followed(Standby standby, Tail tail, FollowerMark mark) {}

  /**
   * @param environment of this process
   * @param fatal called with a reason when the process must end at once
   */
  Server(ServerConfig config, Map<String, String> environment, Consumer<String> fatal) {
    this.config = config;
    this.environment = environment;
    this.fatal = fatal;
  }

  /**
   * Takes what only one process can have: the directory, the port.
   *
   * @throws ConfigException if it cannot, saying what to change
   */
  void open() throws ConfigException {
    data = opened(DataDir.open(config.dataDir()));
    artifacts = Artifacts.find(config);
    ServerConfig.Http http = config.http();
    Optional<Tls> tls;
    try {
      Door door = new Door(http.knownAs(), config.tls().isPresent());
      gate = gate(config);
      tls = tls();
      Listeners listeners = new Listeners(http.host(), http.port(), tls, agents());
      api = opened(new HttpApi(listeners, door, gate, artifacts::file));
      audit = opened(audit());
      gate.audit(audit);
      data.write("http.address", address() + "\n");
      if (listeners.artifacts().isPresent()) {
        String host = listeners.artifacts().get().host();
        data.write("artifacts.address", "http://" + host + ":" + api.artifactsPort() + "\n");
      }
      shown = opened(TideFiles.show(environment, nearby(), api.port(), tls));
    } catch (HttpApi.PortException e) {
      throw new ConfigException(e.getMessage());
    } catch (IOException e) {
      throw new ConfigException(
          "dataDir: cannot write below " + config.dataDir() + ": " + FileTrouble.of(e));
    }
    if (config.registry().isPresent()) {
      api.images(registryProxies(config.registry().get()));
    }
    log.info("HTTP API at {}", address());
    if (config.access() == ServerConfig.Access.TOKENS && tls.isEmpty() && !http.isLoopback()) {
      log.warn(
          "{} is reached from outside without TLS: tokens go over the network in plain text, unless"
              + " something before it speaks TLS; write tls: {{certificate: …, key: …}}",
          address());
    }
    if (config.access() == ServerConfig.Access.OPEN) {
      log.warn("access: open: whoever reaches {} may do everything", address());
    }
  }

  private Optional<Tls> tls() throws ConfigException {
    if (config.tls().isEmpty()) {
      return Optional.empty();
    }
    Tls read = opened(Tls.read(config.tls().get()));
    read.watch();
    return Optional.of(read);
  }

  /** With TLS agents get an address of their own, since they trust nobody's certificate. */
  private Optional<Listeners.Plain> agents() {
    ServerConfig.Http http = config.http();
    Optional<Listeners.Plain> told =
        config.artifacts().address().map(it -> new Listeners.Plain(it.host(), it.port()));
    if (told.isPresent()
        || config.tls().isEmpty()
        || config.artifacts().executorUrl().isPresent()) {
      return told;
    }
    boolean any = http.port() == 0 || http.port() == MAX_PORT;
    return Optional.of(new Listeners.Plain(http.host(), any ? 0 : http.port() + 1));
  }

  private static Gate gate(ServerConfig config) {
    return switch (config.access()) {
      case OPEN -> Gate.open();
      case TOKENS ->
          Gate.asking(
              config.http().requestsPerSecond(),
              config.metrics() == ServerConfig.Access.TOKENS,
              System::nanoTime);
    };
  }

  private Audit audit() throws IOException {
    return new Audit(new AuditFile(data.resolve("audit"), AUDIT_BYTES, AUDIT_FILES), Instant::now);
  }

  private static RegistryProxies registryProxies(ServerConfig.Registry registry)
      throws ConfigException {
    String token;
    try {
      token = Files.readString(registry.adminTokenFile()).strip();
    } catch (IOException e) {
      throw new ConfigException(
          "registry.adminTokenFile: "
              + registry.adminTokenFile()
              + " cannot be read; name a file that this process may read");
    }
    return new RegistryProxies(
        registry.proxies().stream()
            .map(proxy -> new RegistryProxies.Proxy(proxy.zone(), proxy.url()))
            .toList(),
        token);
  }

  /** Waits until this process leads, then goes on from what is durable. */
  void lead() throws ConfigException, InterruptedException {
    CuratorFramework curator = zooKeeper();
    ZooKeeperStateStore store =
        opened(
            new ZooKeeperStateStore(
                curator, audit, last -> FollowerMark.everywhere(curator, last)));
    SteadyClock clock = SteadyClock.system();
    SchedulerCore core = restored(store, clock);
    Shelf shelf = new Shelf(curator, store);
    try {
      artifacts.share(shelf);
    } catch (IOException e) {
      throw new ConfigException(
          "artifacts: cannot be read below " + config.dataDir() + ": " + FileTrouble.of(e));
    }
    SecureRandom random = new SecureRandom();
    gate.believe(new Peers(PeerSecret.make(curator, store, Peers.BYTES, random)));
    if (config.access() == ServerConfig.Access.TOKENS) {
      tokens(new TokenShelf(curator, store), random);
    }
    warnOfOpenPolicies(core.view());
    BooleanSupplier holds =
        followed == null ? () -> true : opened(store.lease(SESSION, fatal))::holds;
    start(core, store, shelf, clock, holds);
  }

  /** A core that goes on from what is durable; where that was followed, only the rest is read. */
  private SchedulerCore restored(ZooKeeperStateStore store, SteadyClock clock) {
    if (followed == null) {
      StateStore.Loaded loaded = store.load();
      log.info("State at version {}: {} records", loaded.version(), loaded.changes().size());
      return SchedulerCore.restore(core(config), loaded, clock.instant());
    }
    followed.mark().close();
    store.takeOver(followed.tail());
    SchedulerCore core = followed.standby().core();
    core.lead(clock.instant());
    return core;
  }

  /** Of a follower: read until they are there, since the first that leads makes them. */
  private Optional<Peers> peers(CuratorFramework curator) {
    if (peers.isEmpty()) {
      try {
        peers = PeerSecret.read(curator).map(Peers::new);
      } catch (StoreException e) {
        log.info("The other servers are not known yet: {}", e.getMessage());
      }
    }
    return peers;
  }

  private void tokens(TokenShelf shelf, SecureRandom random) throws ConfigException {
    Access access = new Access(shelf, Instant::now, random);
    try {
      FirstToken.make(access, data, shown);
    } catch (IOException e) {
      throw new ConfigException(
          "dataDir: cannot write below " + config.dataDir() + ": " + FileTrouble.of(e));
    }
    gate.lead(access);
  }

  /** Warns at each start of policies that allow everything. */
  private static void warnOfOpenPolicies(ClusterView view) {
    warnOfOpenPolicies(view, "runtimes", GroupPolicy::runtimes);
    warnOfOpenPolicies(view, "networks", GroupPolicy::networks);
  }

  private static void warnOfOpenPolicies(
      ClusterView view, String key, Function<GroupPolicy, List<String>> part) {
    List<String> groups =
        view.groups().values().stream()
            .map(ClusterView.GroupView::group)
            .filter(group -> part.apply(group.policy()).contains(GroupPolicy.ANY))
            .map(Group::path)
            .toList();
    if (!groups.isEmpty()) {
      log.warn(
          "Groups that may use all {}: {}. So may each that was stored before policies named"
              + " them; put it anew with policy.{} to narrow it",
          key,
          String.join(", ", groups),
          key);
    }
  }

  private CuratorFramework zooKeeper() throws ConfigException, InterruptedException {
    if (config.zookeeper().isEmpty()) {
      // Nobody else can lead on our own directory: its lock is our election.
      embedded = opened(EmbeddedZooKeeper.start(data.resolve("zookeeper")));
      api.zooKeeper("embedded");
      return opened(ZooKeeperClient.connect(embedded, SESSION));
    }
    ServerConfig.ZooKeeper told = config.zookeeper().get();
    CuratorFramework curator = opened(zooKeeper(told));
    api.zooKeeper(told.login().isEmpty() ? "open" : "shut");
    Leadership leadership =
        opened(new Leadership(curator, advertised(), () -> fatal.accept("leadership is lost")));
    Tail.replicate(curator, audit);
    Standby standby = new Standby(core(config), InstantSource.system(), System::nanoTime, audit);
    Tail tail = opened(new Tail(curator, standby, leadership::withdraw));
    tail.start();
    FollowerMark mark =
        opened(
            FollowerMark.start(
                curator,
                () -> tail.isForeign() ? OptionalLong.empty() : OptionalLong.of(audit.version())));
    followed = new Followed(standby, tail, mark);
    if (config.access() == ServerConfig.Access.TOKENS) {
      FollowedTokens tokens =
          new FollowedTokens(() -> TokenWatch.all(curator), Instant::now, System::nanoTime);
      gate.follow(tokens);
      opened(TokenWatch.start(curator, tokens));
    }
    api.standBy(leadership::leader, () -> peers(curator), standby, tail::trouble);
    leadership.stand();
    log.info("Waiting to lead");
    leadership.await();
    log.info("Leading");
    return curator;
  }

  static CuratorFramework zooKeeper(ServerConfig.ZooKeeper told) throws ConfigException {
    String connect = told.connect();
    if (told.login().isEmpty()) {
      log.warn(
          "{}: whoever reaches this ZooKeeper reads and writes the state; write zookeeper.user and"
              + " zookeeper.passwordFile to shut it to others",
          connect);
      return ZooKeeperClient.connectOpen(connect, SESSION);
    }
    ServerConfig.Login login = told.login().get();
    String password =
        new String(
                PrivateFile.read("zookeeper.passwordFile", login.passwordFile()),
                StandardCharsets.UTF_8)
            .strip();
    if (password.isEmpty()) {
      throw new ConfigException(
          "zookeeper.passwordFile: %s is empty; write a password into it"
              .formatted(login.passwordFile()));
    }
    return ZooKeeperClient.connect(
        connect, new ZooKeeperClient.Login(login.user(), password), SESSION);
  }

  private void start(
      SchedulerCore core, StateStore store, Shelf shelf, SteadyClock clock, BooleanSupplier holds)
      throws ConfigException {
    Published published = published(core);
    CoreLoop loop = new CoreLoop(core, store, published, clock, audit, fatal);
    MesosDesk desk =
        new MesosDesk(
            identity(),
            core.view().frameworkId(),
            new ExecutorTable(shelf, artifacts.executor(forAgents()), config.artifacts().java()),
            config.executor().overhead(),
            config.executor().warden(),
            config.consul().orElse(""),
            loop::submit,
            loop::submitInside);
    CloudDrivers drivers = CloudDrivers.onClassPath(config.localClouds());
    ExecutorService cloudThreads = CloudDesk.threads();
    CloudDesk clouds =
        new CloudDesk(drivers, config.cluster(), loop::submitInside, cloudThreads, clock);
    OperatorClient operator = opened(new OperatorClient(config.mesos().master(), wire()));
    AgentsDesk agents =
        new AgentsDesk(
            operator::getAgents,
            operator::getMaintenanceSchedule,
            config.mesos().role(),
            loop::submit);
    HttpMesos mesos = new HttpMesos(config.mesos().master(), wire(), desk, desk);
    loop.start(new Desks(desk, clouds));
    // Closed in reverse: first nothing more comes in, then what is decided is carried out.
    opened(loop);
    opened(drivers);
    opened((AutoCloseable) cloudThreads::shutdownNow);
    opened(agents);
    opened(mesos);
    api.lead(
        new LeadingCore(
            loop,
            published,
            pool -> check(pool, drivers),
            FailurePolicy.DEFAULT.withUnreachableAfter(config.waits().unreachableAfter())),
        holds);
    if (followed != null) {
      followed.standby().end();
    }
    opened(api);
    mesos.start();
    agents.start();
  }

  /** What is shown of the core, and told in the log. */
  static Published published(SchedulerCore core) {
    Published published = new Published(core.view());
    published.watch(new WaveLog());
    published.watch(new UnlistedLog());
    return published;
  }

  /** A template that its driver cannot use is refused before anything is ordered with it. */
  private static void check(Pool pool, CloudDrivers drivers) {
    HostTemplate template = pool.template().orElse(null);
    if (template == null) {
      return;
    }
    var driver =
        drivers
            .named(template.driver())
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "template.driver",
                        "there is no cloud driver '" + template.driver() + "'",
                        (drivers.names().isEmpty()
                                ? ""
                                : "write one of " + String.join(", ", drivers.names()) + ", or ")
                            + "have it switched on in the server's configuration: local is there"
                            + " with cloud.local.endpoints"));
    try {
      driver.check(template.settings());
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException(
          "template", e.getMessage(), "mend the driver's own keys, see docs/configuration.md");
    }
  }

  /** What the configuration says to the core. */
  static CoreConfig core(ServerConfig config) {
    return new CoreConfig(
        MesosDesk.EXECUTOR,
        config.executor().overhead(),
        config.executor().warden(),
        config.sharing(),
        CoreConfig.Times.DEFAULT
            .with(
                CoreConfig.Offers.DEFAULT.configured(
                    config.waits().holdOffers(),
                    config.waits().suppressAfter(),
                    config.waits().lookAround()))
            .with(CoreConfig.Hosts.DEFAULT.withLead(config.mesos().maintenanceLead())));
  }

  private FrameworkIdentity identity() throws ConfigException {
    return new FrameworkIdentity(
        "springtide-" + config.cluster(),
        config.mesos().role(),
        config.mesos().user(),
        config.mesos().principal(),
        config.mesos().failoverTimeout(),
        advertised() + "/");
  }

  private WireOptions wire() throws ConfigException {
    WireOptions options = WireOptions.defaults();
    if (config.mesos().secretFile().isEmpty()) {
      return options;
    }
    try {
      String secret = Files.readString(config.mesos().secretFile().get()).strip();
      return options.withCredential(
          Credential.basic(config.mesos().principal().orElseThrow(), secret));
    } catch (IOException e) {
      throw new ConfigException(
          "mesos.secretFile: "
              + config.mesos().secretFile().get()
              + " cannot be read; name a file that this process may read");
    }
  }

  private String scheme() {
    return config.tls().isPresent() ? "https://" : "http://";
  }

  /** Where this process listens. */
  String address() {
    return scheme() + config.http().host() + ":" + api.port();
  }

  /** Where it can be asked from this machine. */
  private String nearby() {
    String host = config.http().host();
    return scheme() + (isEvery(host) ? "127.0.0.1" : host) + ":" + api.port();
  }

  /** Where the other servers reach it. */
  private String advertised() throws ConfigException {
    return scheme() + advertised(config.http().host()) + ":" + api.port();
  }

  /** {@code host:port} where agents fetch the executor. */
  private String forAgents() throws ConfigException {
    String host =
        config.artifacts().address().map(ServerConfig.Address::host).orElse(config.http().host());
    return advertised(host) + ":" + api.artifactsPort();
  }

  /**
   * By which others reach what listens there. Where that is on all addresses: the one that the way
   * to the master starts from, else this machine's name.
   */
  private String advertised(String bound) throws ConfigException {
    String host = config.http().advertise().orElse(bound);
    if (!isEvery(host)) {
      return host;
    }
    Optional<String> own = OwnAddress.towards(config.mesos().master());
    return own.isPresent() ? own.get() : ownName();
  }

  private static boolean isEvery(String host) {
    return host.equals("0.0.0.0") || host.equals("[::]");
  }

  private static String ownName() throws ConfigException {
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      throw new ConfigException(
          "http.advertise: this machine does not know its own name; write the name by which"
              + " agents reach it");
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.remove(resource);
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable next = opened.pop();
      try {
        next.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        log.warn("{} did not close: {}", next.getClass().getSimpleName(), e.toString());
      }
    }
  }
}
