package io.springtide.harness.demo;

import io.springtide.harness.cluster.LocalCluster;
import io.springtide.mesos.Why;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tide demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Runs a whole cluster on loopback: three owned hosts, a cloud of up to five, Consul, the"
            + " framework; then a job that is too big for the owned hosts. Ctrl-C ends all of it.")
public final class DemoCommand implements Callable<Integer> {
  private static final int DEFAULT_API_PORT = 8080;
  private static final String PULLED_IMAGE = "busybox:stable";

  enum RuntimeChoice {
    docker,
    process
  }

  @Option(
      names = "--exit",
      description =
          "End by itself: 0 when every instance runs, is registered in Consul and answered an HTTP"
              + " request, else the reason and 1.")
  private boolean exit;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "180",
      description =
          "How long the framework may take to start, and with --exit the instances; default"
              + " ${DEFAULT-VALUE}.")
  private int timeout;

  @Option(
      names = "--image",
      description = {
        "Image with busybox's sh and httpd; default: made from this host's static busybox, else "
            + PULLED_IMAGE
            + "."
      })
  private String image;

  @Option(
      names = "--runtime",
      description = "docker or process; default: docker where an engine answers.")
  private RuntimeChoice choice;

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description = "Where all files go; default .springtide/demo.")
  private Path workDir;

  @Option(
      names = "--api-port",
      paramLabel = "PORT",
      description = "Port of the API; default 8080 if it is free, else any.")
  private Integer apiPort;

  @Override
  public Integer call() throws Exception {
    Stopwatch watch = new Stopwatch();
    boolean terminal = System.console() != null && !"dumb".equals(System.getenv("TERM"));
    Screen screen =
        terminal ? new LiveScreen(System.out, watch) : new PlainScreen(System.out, watch);
    try {
      run(screen, watch);
      return 0;
    } catch (DemoFailure | IOException | IllegalStateException e) {
      System.out.flush();
      System.err.println("tide demo: " + Why.of(e));
      return 1;
    }
  }

  private void run(Screen screen, Stopwatch watch)
      throws IOException, InterruptedException, DemoFailure {
    if (timeout < 1) {
      throw new DemoFailure("--timeout " + timeout + ": write 1 second or more");
    }
    String home = System.getProperty("springtide.home", ".");
    WorkDirectory directory =
        WorkDirectory.take(workDir != null ? workDir : Path.of(home, ".springtide", "demo"));
    Demo.Runtime runtime = runtime(screen);
    LocalCluster cluster =
        new LocalCluster(
            LocalCluster.Settings.in(directory.path(), executorJar())
                .withApiPort(port())
                .withConfigHome(configHome())
                .withPatience(Duration.ofSeconds(timeout)));
    Demo demo = new Demo(cluster, directory, runtime, screen, Duration.ofSeconds(timeout));
    // Ctrl-C and SIGTERM end the JVM here, whatever the demo is doing.
    Thread hook = new Thread(() -> closeQuietly(demo), "demo-end");
    java.lang.Runtime.getRuntime().addShutdownHook(hook);
    try (demo) {
      demo.start();
      List<URI> endpoints =
          demo.awaitComplete(exit ? Duration.ofSeconds(timeout) : Duration.ofDays(1));
      announce(screen, watch, cluster, endpoints);
      if (!exit) {
        demo.watch();
      }
    }
  }

  private static void announce(
      Screen screen, Stopwatch watch, LocalCluster cluster, List<URI> endpoints) {
    screen.say(
        "all %d instances run, are registered and answered, %s after the start"
            .formatted(endpoints.size(), watch.elapsed().strip()));
    screen.say("API     " + cluster.framework().uri());
    screen.say("Consul  " + cluster.consul().uri());
    endpoints.stream().map(Object::toString).sorted().forEach(e -> screen.say("        " + e));
    boolean usual = cluster.framework().uri().getPort() == DEFAULT_API_PORT;
    screen.say(
        "try     %s./tide job run examples/web.yaml --wait"
            .formatted(usual ? "" : "TIDE_API=" + cluster.framework().uri() + " "));
  }

  private static void closeQuietly(Demo demo) {
    try {
      demo.close();
    } catch (IOException e) {
      System.err.println("tide demo: " + Why.of(e));
    }
  }

  private Demo.Runtime runtime(Screen screen) throws DemoFailure, IOException {
    Optional<ContainerEngine> engine =
        choice == RuntimeChoice.process ? Optional.empty() : ContainerEngine.find();
    if (engine.isEmpty()) {
      if (choice == RuntimeChoice.docker || image != null) {
        throw new DemoFailure(
            "no Docker engine answers; start one (apt-get install docker.io), set DOCKER_HOST, or"
                + " leave --runtime docker and --image out");
      }
      screen.say(
          choice == RuntimeChoice.process
              ? "instances run as processes"
              : "no Docker engine answers: instances run as processes");
      return new Demo.Runtime(Optional.empty(), "", false);
    }
    screen.say("instances run in Docker at " + engine.get().host());
    if (image != null) {
      return new Demo.Runtime(engine, image, false);
    }
    Optional<byte[]> rootFilesystem = WebImage.rootFilesystem();
    if (rootFilesystem.isEmpty()) {
      return new Demo.Runtime(engine, PULLED_IMAGE, false);
    }
    // A tag of our own: two demos on one engine do not remove each other's image.
    String name = "springtide-demo:" + ProcessHandle.current().pid();
    engine.get().importImage(name, rootFilesystem.get());
    return new Demo.Runtime(engine, name, true);
  }

  /** The user's own: a tide in another terminal finds the demo as it finds a server of his. */
  private static Path configHome() {
    String told = System.getenv().getOrDefault("XDG_CONFIG_HOME", "");
    return told.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(told);
  }

  private int port() {
    if (apiPort != null) {
      return apiPort;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_API_PORT));
      return DEFAULT_API_PORT;
    } catch (IOException e) {
      return 0; // taken: any other will do, and is said
    }
  }

  private static Path executorJar() throws DemoFailure {
    String jar = System.getProperty("springtide.executor.jar", "");
    if (jar.isEmpty() || !Files.isRegularFile(Path.of(jar))) {
      throw new DemoFailure(
          "no executor jar at '%s'; start the demo by ./tide, or set springtide.executor.jar"
              .formatted(jar));
    }
    return Path.of(jar);
  }
}
