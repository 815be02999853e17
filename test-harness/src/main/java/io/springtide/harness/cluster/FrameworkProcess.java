package io.springtide.harness.cluster;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * The framework as a child process, as a user runs it: {@code ServerMain --config FILE}. Started
 * again after its end it finds the same data.
 */
public final class FrameworkProcess implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final List<String> FLAGS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  private final Path config;
  private final Path addressFile;
  private final Path tokenFile;
  private final Path configHome;
  private final Path log;
  private final Path executorJar;
  private final Duration patience;
  private volatile Process process;
  private volatile URI uri;
  private volatile boolean closed;
  private List<String> flags = FLAGS;
  private Optional<SSLContext> trusted = Optional.empty();

  /**
   * @param config its configuration, which names {@code dataDir}
   * @param dataDir where it writes {@code http.address} once it listens
   * @param log where its output is appended
   * @param executorJar the executor that it serves to agents
   * @param patience how long it may take until it answers
   */
  public FrameworkProcess(
      Path config, Path dataDir, Path log, Path executorJar, Duration patience) {
    this(config, dataDir, log, executorJar, patience, log.toAbsolutePath().getParent());
  }

  /**
   * As the other.
   *
   * @param configHome below which it leaves what {@code tide} finds by itself
   */
  public FrameworkProcess(
      Path config, Path dataDir, Path log, Path executorJar, Duration patience, Path configHome) {
    this.config = config;
    this.tokenFile = dataDir.resolve("admin-token");
    this.configHome = configHome;
    this.addressFile = dataDir.resolve("http.address");
    this.log = log;
    this.executorJar = executorJar;
    this.patience = patience;
  }

  /** The same, with these flags of its JVM in place of those of a small one. */
  public FrameworkProcess withFlags(List<String> other) {
    flags = List.copyOf(other);
    return this;
  }

  /** The same, which speaks TLS, and is believed to be itself by those certificates. */
  public FrameworkProcess trusting(SSLContext certificates) {
    trusted = Optional.of(certificates);
    return this;
  }

  /**
   * Starts it and waits until its API answers and it leads.
   *
   * @throws IOException when it ends or is not ready in time; the message ends with what it said
   */
  public synchronized void start() throws IOException, InterruptedException {
    start("leading");
  }

  /**
   * Starts it and waits until its API answers and says of itself that it is so.
   *
   * @param status of {@code /healthz}: {@code leading} or {@code standby}
   * @throws IOException when it ends or is not ready in time; the message ends with what it said
   */
  public synchronized void start(String status) throws IOException, InterruptedException {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException("the framework runs already");
    }
    Files.deleteIfExists(addressFile);
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-Dspringtide.executor.jar=" + executorJar);
    command.add("-cp");
    command.add(classPath());
    command.add("io.springtide.server.ServerMain");
    command.add("--config");
    command.add(config.toString());
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .directory(log.toAbsolutePath().getParent().toFile());
    builder.environment().put("XDG_CONFIG_HOME", configHome.toString());
    process = builder.start();
    if (closed) {
      process.destroyForcibly();
    }
    awaitReady(status);
  }

  /** {@code http[s]://127.0.0.1:<port>} of its API; another one after each start. */
  public URI uri() {
    return uri;
  }

  /** Below which {@code tide} finds it, as its {@code XDG_CONFIG_HOME} says. */
  public Path configHome() {
    return configHome;
  }

  /** Its API, with the first token, also after it was started again. */
  public Api api() {
    Api api = new Api(this::uri).withToken(this::token);
    return trusted.map(api::trusting).orElse(api);
  }

  private Optional<String> token() {
    try {
      return Optional.of(Files.readString(tokenFile).strip());
    } catch (IOException e) {
      return Optional.empty(); // It asks for none, or another server has made it.
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** What it ended with; 128 + n where signal n ended it. It must have ended. */
  public int exitValue() {
    return process.exitValue();
  }

  /** Ends it as {@code kill -9} does, and waits until it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /**
   * Sends it a signal, if it is there.
   *
   * @param name such as {@code STOP}
   */
  public void signal(String name) throws IOException, InterruptedException {
    if (isAlive()) {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
    }
  }

  /** Asks it to end, and kills it when it does not; also while another thread starts it. */
  @Override
  public void close() {
    closed = true;
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The framework's own class path where there is a checkout, so that it runs as {@code ./tide
   * server} runs it; else ours, which holds it too.
   */
  private static String classPath() {
    Path target = Path.of(System.getProperty("springtide.home", "."), "framework/server/target");
    return Files.isDirectory(target.resolve("lib"))
        ? target.resolve("classes") + File.pathSeparator + target.resolve("lib") + "/*"
        : System.getProperty("java.class.path");
  }

  /** The last lines of its output, for a message. */
  String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(no output)";
    }
  }

  private void awaitReady(String status) throws IOException, InterruptedException {
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2));
    trusted.ifPresent(client::sslContext);
    HttpClient http = client.build();
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      if (Files.exists(addressFile)
          && answers(http, Files.readString(addressFile).strip(), status)) {
        return;
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
    String how =
        process.isAlive()
            ? "is not ready after " + patience.toSeconds() + " s"
            : "ended with " + process.exitValue();
    throw new IOException("the framework %s; %s ends with:%n%s".formatted(how, log, lastWords()));
  }

  private boolean answers(HttpClient http, String address, String status)
      throws InterruptedException {
    if (address.isEmpty()) {
      return false;
    }
    URI base = URI.create(address);
    HttpRequest ask =
        HttpRequest.newBuilder(base.resolve("/healthz")).timeout(Duration.ofSeconds(5)).build();
    try {
      HttpResponse<String> health = http.send(ask, BodyHandlers.ofString());
      // Before it leads it listens already, and refuses what it is asked.
      if (health.statusCode() == 200 && health.body().contains(status)) {
        uri = base;
        return true;
      }
    } catch (IOException e) {
      // It does not listen yet; the caller's loop ends with the deadline or with the process.
    }
    return false;
  }
}
