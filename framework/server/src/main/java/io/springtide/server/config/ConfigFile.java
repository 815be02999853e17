package io.springtide.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.SharingPolicy;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Fields;
import io.springtide.server.document.ResourceDocument;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the server's YAML file. */
public final class ConfigFile {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_PORT = 65_535;

  /** 1 to 65535. */
  private static final String PORT =
      "(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";

  private static final String HOST_AND_PORT = "[A-Za-z0-9_.-]+:" + PORT;
  private static final Pattern HOST_PORT = Pattern.compile(HOST_AND_PORT);
  private static final Pattern BIND =
      Pattern.compile("([A-Za-z0-9_.-]+|\\[[0-9a-fA-F:.]+]):(\\d{1,5})");
  static final Pattern ZOOKEEPER =
      Pattern.compile(HOST_AND_PORT + "(," + HOST_AND_PORT + ")*(/[A-Za-z0-9_./-]*)?");
  private static final Pattern ZK_MASTER =
      Pattern.compile(
          "zk://([^@/]+@)?[A-Za-z0-9_.-]+(:"
              + PORT
              + ")?(,[A-Za-z0-9_.-]+(:"
              + PORT
              + ")?)*/[A-Za-z0-9_./-]+");
  private static final Pattern DNS_NAME =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final String A_NAME =
      "write a host name without port or scheme, such as springtide.example";
  static final Pattern BASE_URL =
      Pattern.compile("https?://([A-Za-z0-9_.-]+|\\[[0-9a-fA-F:.]+])(:" + PORT + ")?");
  private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}");

  private ConfigFile() {}

  /**
   * Reads {@code file}.
   *
   * @throws ConfigException naming file, key, value and what is allowed
   */
  public static ServerConfig read(Path file) throws ConfigException {
    byte[] text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(file + " is larger than 1 MiB: this is no configuration file");
      }
      text = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "There is no file " + file + ". Write one, see docs/configuration.md");
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + FileTrouble.of(e));
    }
    try {
      return parse(Documents.yaml(text));
    } catch (InvalidModelException e) {
      String key = e.field().isEmpty() ? "" : ": " + e.field();
      throw new ConfigException(file + key + ": " + e.getMessage() + "; " + e.fix());
    }
  }

  /**
   * Reads what stands in such a file.
   *
   * @throws InvalidModelException naming key, value and what is allowed
   */
  public static ServerConfig parse(JsonNode node) {
    Fields fields =
        Fields.of(
            node,
            "cluster",
            "mesos",
            "zookeeper",
            "dataDir",
            "http",
            "tls",
            "access",
            "openEverywhere",
            "metrics",
            "artifacts",
            "executor",
            "sharing",
            "waits",
            "consul",
            "registry",
            "cloud");
    ServerConfig.Http http = fields.object("http", ConfigFile::http, HTTP);
    Optional<ServerConfig.Tls> tls = fields.object("tls", ConfigFile::tls);
    ServerConfig.Access access = access(fields, http);
    return new ServerConfig(
        Names.requireName("cluster", fields.text("cluster", "springtide")),
        fields.requireObject(
            "mesos", ConfigFile::mesos, "write mesos: {master: \"zk://zk1:2181/mesos\"}"),
        fields.object("zookeeper", ZooKeeperSection::read),
        Path.of(fields.requireText("dataDir", "name a directory, such as /var/lib/springtide")),
        http,
        tls,
        access,
        metrics(fields, access),
        fields.object("artifacts", ConfigFile::artifacts, ARTIFACTS),
        fields.object(
            "executor", ConfigFile::executor, new ServerConfig.Executor(OVERHEAD, WARDEN)),
        fields.object("sharing", ConfigFile::sharing, SharingPolicy.DEFAULT),
        fields.object("waits", WaitsSection::read, ServerConfig.Waits.DEFAULT),
        fields.object("consul", ConfigFile::consul),
        fields.object("registry", RegistrySection::read),
        fields.object("cloud", ConfigFile::localClouds, Set.of()));
  }

  private static final ServerConfig.Http HTTP =
      new ServerConfig.Http(
          "127.0.0.1", 8080, Optional.empty(), List.of(), ServerConfig.Http.REQUESTS_PER_SECOND);

  private static final ServerConfig.Artifacts ARTIFACTS =
      new ServerConfig.Artifacts(
          Optional.empty(), Optional.empty(), Optional.empty(), "java", Optional.empty());

  /**
   * An executor with 100 containers stays below 160 MiB; Mesos wants at least 0.01 cpus, 32 MiB.
   */
  private static final Resources OVERHEAD = Resources.of(100, 192);

  private static final Resources WARDEN = Resources.of(10, 32);

  private static ServerConfig.Mesos mesos(JsonNode node) {
    Fields fields =
        Fields.of(
            node,
            "master",
            "role",
            "user",
            "principal",
            "secretFile",
            "failoverTimeout",
            "maintenanceLead");
    Optional<String> principal = fields.text("principal");
    Optional<Path> secretFile = fields.text("secretFile").map(Path::of);
    if (secretFile.isPresent() && principal.isEmpty()) {
      throw new InvalidModelException(
          "principal", "it is missing, but secretFile is given", "name the principal");
    }
    if (principal.isPresent() && secretFile.isEmpty()) {
      throw new InvalidModelException(
          "secretFile", "it is missing, but principal is given", "name a file with the secret");
    }
    return new ServerConfig.Mesos(
        master(fields.requireText("master", "write host:port or zk://host:port/path")),
        role(fields.text("role", "springtide")),
        match("user", fields.text("user", "root"), USER, "write the name of a user of the agents"),
        principal,
        secretFile,
        atLeast("failoverTimeout", fields.duration("failoverTimeout", Duration.ofDays(7)), 60),
        fields.duration("maintenanceLead", Duration.ofHours(1)));
  }

  private static String master(String value) {
    boolean listed =
        Arrays.stream(value.split(",", -1))
            .map(one -> one.trim().replaceFirst("^https?://", ""))
            .allMatch(one -> HOST_PORT.matcher(one).matches());
    if (listed || ZK_MASTER.matcher(value).matches()) {
      return value;
    }
    // A password may stand before the @: not repeated.
    throw new InvalidModelException(
        "master",
        "'" + value.replaceFirst("//[^@]*@", "//…@") + "' is not allowed",
        "write host:port, a list of these with commas between, or zk://host:port,host:port/path");
  }

  private static String role(String value) {
    boolean bad =
        value.isEmpty()
            || value.equals("*")
            || value.equals(".")
            || value.equals("..")
            || value.startsWith("-")
            || value.chars().anyMatch(c -> c <= ' ' || c == '\\' || c == 0x7f);
    if (bad) {
      throw new InvalidModelException(
          "role", "'" + value + "' is not a role of our own", "write a name such as springtide");
    }
    return value;
  }

  /** To let in everybody must be written, and twice where the API can be reached from outside. */
  private static ServerConfig.Access access(Fields fields, ServerConfig.Http http) {
    ServerConfig.Access access =
        fields.oneOf("access", ServerConfig.Access.class, ServerConfig.Access.TOKENS);
    boolean open = access == ServerConfig.Access.OPEN;
    boolean everywhere = fields.bool("openEverywhere", false);
    if (open && !http.isLoopback() && !everywhere) {
      throw new InvalidModelException(
          "access",
          "open lets whoever reaches %s:%d start processes on every host"
              .formatted(http.host(), http.port()),
          "write tokens, or add openEverywhere: true if all who reach it may");
    }
    if (everywhere && (!open || http.isLoopback())) {
      throw new InvalidModelException(
          "openEverywhere",
          open ? "http.address is on loopback only" : "access is tokens",
          "leave it out: it says that access: open is meant for more than this machine");
    }
    return access;
  }

  private static ServerConfig.Access metrics(Fields fields, ServerConfig.Access access) {
    ServerConfig.Access metrics =
        fields.oneOf("metrics", ServerConfig.Access.class, ServerConfig.Access.OPEN);
    if (metrics == ServerConfig.Access.TOKENS && access == ServerConfig.Access.OPEN) {
      throw new InvalidModelException(
          "metrics", "there are no tokens where access is open", "leave one of the two keys out");
    }
    return metrics;
  }

  private static ServerConfig.Tls tls(JsonNode node) {
    Fields fields = Fields.of(node, "certificate", "key", "ca");
    return new ServerConfig.Tls(
        Path.of(
            fields.requireText(
                "certificate", "name the PEM file of the server's certificate and its chain")),
        Path.of(fields.requireText("key", "name the PEM file of the certificate's key")),
        fields.text("ca").map(Path::of));
  }

  private static ServerConfig.Http http(JsonNode node) {
    Fields fields = Fields.of(node, "address", "advertise", "names", "requestsPerSecond");
    ServerConfig.Address address =
        address(fields.text("address", "127.0.0.1:8080"), "write host:port, such as 0.0.0.0:8080");
    return new ServerConfig.Http(
        address.host(),
        address.port(),
        fields.text("advertise"),
        matchAll("names", fields.texts("names"), DNS_NAME, A_NAME),
        fields.integer("requestsPerSecond", ServerConfig.Http.REQUESTS_PER_SECOND, 1, 1_000_000));
  }

  private static ServerConfig.Address address(String value, String fix) {
    String address = match("address", value, BIND, fix);
    int port = port(address);
    if (port > MAX_PORT) {
      throw new InvalidModelException(
          "address", port + " is not a port", "write a port from 0 (any free one) to 65535");
    }
    return new ServerConfig.Address(address.substring(0, address.lastIndexOf(':')), port);
  }

  private static ServerConfig.Artifacts artifacts(JsonNode node) {
    Fields fields =
        Fields.of(node, "executorUrl", "executorJar", "executorSha256", "java", "address");
    Optional<String> url = fields.text("executorUrl");
    url.ifPresent(ConfigFile::requireUrl);
    Optional<String> sha256 = fields.text("executorSha256");
    sha256.ifPresent(ConfigFile::requireSha256);
    return new ServerConfig.Artifacts(
        url,
        fields.text("executorJar").map(Path::of),
        sha256,
        fields.text("java", "java"),
        fields
            .text("address")
            .map(value -> address(value, "write host:port, such as 0.0.0.0:8081")));
  }

  private static void requireSha256(String text) {
    if (!text.matches("[0-9a-f]{64}")) {
      throw new InvalidModelException(
          "executorSha256",
          "'" + text + "' is not a SHA-256 hash",
          "write the 64 lower-case hexadecimal digits that sha256sum prints for the jar");
    }
  }

  private static void requireUrl(String url) {
    try {
      URI uri = new URI(url);
      boolean fetched = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (fetched && uri.getPort() <= MAX_PORT) {
        return;
      }
    } catch (URISyntaxException e) {
      // Refused below, like a URL of a scheme that agents cannot fetch.
    }
    throw new InvalidModelException(
        "executorUrl",
        "'" + url + "' is not an http or https URL",
        "write the URL from which agents fetch the executor's jar");
  }

  private static ServerConfig.Executor executor(JsonNode node) {
    Fields fields = Fields.of(node, "overhead", "warden");
    return new ServerConfig.Executor(
        fields.object("overhead", ResourceDocument::read, OVERHEAD),
        fields.object("warden", ResourceDocument::read, WARDEN));
  }

  private static SharingPolicy sharing(JsonNode node) {
    Fields fields =
        Fields.of(
            node, "minimumRun", "coolDown", "evictionsPerRound", "reclaimWithin", "nominationTtl");
    SharingPolicy usual = SharingPolicy.DEFAULT;
    return new SharingPolicy(
        fields.duration("minimumRun", usual.minimumRun()),
        fields.duration("coolDown", usual.coolDown()),
        fields.integer("evictionsPerRound", usual.evictionsPerRound(), 1, 100_000),
        fields.duration("reclaimWithin", usual.reclaimWithin()),
        fields.duration("nominationTtl", usual.nominationTtl()));
  }

  private static String consul(JsonNode node) {
    return requireMatch(node, "address", HOST_PORT, "write host:port, such as 127.0.0.1:8500");
  }

  private static Set<String> localClouds(JsonNode node) {
    return Fields.of(node, "local")
        .requireObject(
            "local",
            ConfigFile::endpoints,
            "write local: {endpoints: [\"http://127.0.0.1:9000\"]}");
  }

  private static Set<String> endpoints(JsonNode node) {
    return Set.copyOf(
        matchAll(
            "endpoints",
            Fields.of(node, "endpoints").texts("endpoints"),
            BASE_URL,
            "write a base URL without a slash at its end, such as http://127.0.0.1:9000"));
  }

  private static int port(String hostAndPort) {
    return Integer.parseInt(hostAndPort.substring(hostAndPort.lastIndexOf(':') + 1));
  }

  /** Of an object with this one key. */
  private static String requireMatch(JsonNode node, String key, Pattern pattern, String fix) {
    return match(key, Fields.of(node, key).requireText(key, fix), pattern, fix);
  }

  static String match(String key, String value, Pattern pattern, String fix) {
    if (!pattern.matcher(value).matches()) {
      throw new InvalidModelException(key, "'" + value + "' is not allowed", fix);
    }
    return value;
  }

  private static List<String> matchAll(
      String key, List<String> values, Pattern pattern, String fix) {
    for (int i = 0; i < values.size(); i++) {
      match(key + "[" + i + "]", values.get(i), pattern, fix);
    }
    return values;
  }

  private static Duration atLeast(String key, Duration value, long seconds) {
    if (value.toSeconds() < seconds) {
      throw new InvalidModelException(
          key,
          "it is shorter than " + seconds + "s",
          "write at least " + seconds + "s: when it" + " ends, Mesos kills every task");
    }
    return value;
  }
}
