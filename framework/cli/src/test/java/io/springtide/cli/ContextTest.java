package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which server is asked, and with what token. */
class ContextTest {
  private static final String SECRET = "t0ps3cret";
  private static final String EMPTY = "{'items': []}";

  @TempDir Path dir;
  private FakeServer server;
  private FakeServer other;
  private Person person;

  @BeforeEach
  void serve() throws IOException {
    server = new FakeServer();
    other = new FakeServer();
    server.when("GET /v1/pools", EMPTY);
    server.when("GET /v1/hosts", EMPTY);
    other.when("GET /v1/pools", EMPTY);
    other.when("GET /v1/hosts", EMPTY);
    person = new Person(server);
    person.environment.remove("TIDE_API");
    person.environment.put("XDG_CONFIG_HOME", dir.toString());
    person.environment.put("HOME", dir.toString());
  }

  @AfterEach
  void close() {
    server.close();
    other.close();
  }

  private String token(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text).toString();
  }

  @Test
  void contextsAreMadeUsedListedAndForgotten() throws IOException {
    String file = token("prod.token", SECRET + "\n");
    assertThat(person.tide("context", "set", "prod", "--api", server.url(), "--token-file", file))
        .isZero();
    assertThat(person.said()).contains("'tide context use prod' makes it the current one");
    assertThat(person.tide("context", "set", "test", "--api", other.url())).isZero();
    assertThat(person.tide("context", "use", "prod")).isZero();
    person.said();
    assertThat(person.tide("context", "list")).isZero();
    assertThat(person.said())
        .containsPattern("\\* +prod +" + server.url() + " +" + file)
        .contains("test")
        .doesNotContain(SECRET);
    assertThat(person.tide("pool", "list")).isZero();
    assertThat(server.asked).isNotEmpty();
    assertThat(server.authorized).containsOnly("Bearer " + SECRET);
    assertThat(person.tide("context", "list", "-o", "name")).isZero();
    assertThat(person.said()).endsWith("prod%ntest%n".formatted());
    assertThat(person.tide("context", "delete", "prod")).isZero();
    assertThat(person.said()).contains("no context is current now");
    assertThat(person.tide("context", "use", "prod")).isEqualTo(2);
    assertThat(person.complained()).contains("there is no context 'prod'", "there is test");
    Path config = dir.resolve("tide/config.yaml");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
        .isEqualTo("rw-------");
  }

  @Test
  void aDryRunOfAContextSaysWhatWouldBeWrittenAndWritesNothing() throws IOException {
    assertThat(person.tide("context", "set", "prod", "--api", server.url())).isZero();
    Path config = dir.resolve("tide/config.yaml");
    String before = Files.readString(config);
    person.said();
    assertThat(person.tide("context", "set", "test", "--api", other.url(), "--dry-run")).isZero();
    assertThat(person.said()).contains("would write the context test", other.url());
    assertThat(person.tide("context", "use", "prod", "--dry-run")).isZero();
    assertThat(person.said()).contains("would ask prod");
    assertThat(person.tide("context", "delete", "prod", "--dry-run")).isZero();
    assertThat(person.said()).contains("would forget prod");
    assertThat(person.tide("context", "delete", "none", "--dry-run")).isEqualTo(2);
    assertThat(Files.readString(config)).isEqualTo(before);
  }

  @Test
  void whatIsSaidNearestGoesFirst() {
    person.tide("context", "set", "a", "--api", server.url());
    person.tide("context", "set", "b", "--api", other.url());
    person.tide("context", "use", "a");
    assertThat(asked()).isSameAs(server);
    person.environment.put("TIDE_CONTEXT", "b");
    assertThat(asked()).isSameAs(other);
    assertThat(asked("--context", "a")).isSameAs(server);
    person.environment.put("TIDE_API", other.url());
    assertThat(asked("--context", "a")).isSameAs(other);
    assertThat(asked("--api", server.url())).isSameAs(server);
    person.environment.remove("TIDE_API");
    assertThat(person.tide("pool", "list", "--context", "c")).isEqualTo(2);
  }

  private FakeServer asked(String... more) {
    server.asked.clear();
    other.asked.clear();
    String[] all = new String[more.length + 2];
    all[0] = "pool";
    all[1] = "list";
    System.arraycopy(more, 0, all, 2, more.length);
    assertThat(person.tide(all)).isZero();
    assertThat(server.asked.isEmpty()).isNotEqualTo(other.asked.isEmpty());
    return server.asked.isEmpty() ? other : server;
  }

  @Test
  void aTokenOfAContextIsForItsServerOnly() throws IOException {
    person.tide(
        "context", "set", "a", "--api", server.url(), "--token-file", token("a.token", SECRET));
    person.tide("context", "use", "a");
    assertThat(person.tide("pool", "list", "--api", other.url())).isZero();
    assertThat(other.authorized).containsOnly("");
  }

  @Test
  void aTokenIsOfTheEnvironmentOfAFileOrWhatAServerOfThisUserLeft() throws IOException {
    person.environment.put("TIDE_API", server.url());
    Path left = dir.resolve("tide/servers/" + server.port() + ".token");
    Files.createDirectories(left.getParent());
    Files.writeString(left, "left\n");
    person.tide("pool", "list");
    assertThat(server.authorized).last().isEqualTo("Bearer left");
    person.tide("pool", "list", "--token-file", token("f", "filed\n"));
    assertThat(server.authorized).last().isEqualTo("Bearer filed");
    person.environment.put("TIDE_TOKEN", SECRET);
    person.tide("pool", "list", "--token-file", token("f", "filed\n"));
    assertThat(server.authorized).last().isEqualTo("Bearer " + SECRET);
    person.environment.remove("TIDE_TOKEN");
    Files.writeString(left, "two words");
    person.tide("pool", "list");
    assertThat(server.authorized).last().isEqualTo("");
    Files.delete(left);
    assertThat(person.tide("pool", "list")).isZero();
    assertThat(server.authorized).last().isEqualTo("");
    assertThat(person.complained()).isEmpty();
  }

  @Test
  void aTokenThatIsNoneIsRefusedAndNotPrinted() throws IOException {
    person.environment.put("TIDE_API", server.url());
    for (String bad : new String[] {"", SECRET + "\n" + SECRET, "x".repeat(9000), "é"}) {
      assertThat(person.tide("pool", "list", "--token-file", token("bad", bad))).isEqualTo(2);
    }
    assertThat(person.tide("pool", "list", "--token-file", dir + "/none")).isEqualTo(2);
    person.environment.put("TIDE_TOKEN", SECRET + " " + SECRET);
    assertThat(person.tide("pool", "list")).isEqualTo(2);
    assertThat(person.complained()).contains("TIDE_TOKEN").doesNotContain(SECRET);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void aTokenGoesToNoOtherServerThanTheOneThatWasNamed() {
    person.environment.put("TIDE_API", server.url());
    person.environment.put("TIDE_TOKEN", SECRET);
    server.when(
        "GET /v1/pools",
        exchange -> {
          exchange.getResponseHeaders().set("Location", other.url() + "/v1/pools");
          FakeServer.send(307, "").answer(exchange);
        });
    assertThat(person.tide("pool", "list")).isZero();
    assertThat(server.authorized).containsOnly("Bearer " + SECRET);
    assertThat(other.authorized).containsExactly("");
    other.when("GET /v1/pools", FakeServer.send(401, "{'title': 'Who', 'detail': 'are you'}"));
    assertThat(person.tide("pool", "list")).isEqualTo(1);
    assertThat(person.complained()).contains("not sent to", "name that with --api");
    server.when(
        "GET /v1/pools",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/v1/pools");
          FakeServer.send(302, "").answer(exchange);
        });
    assertThat(person.tide("pool", "list")).as("in circles").isEqualTo(1);
  }

  @Test
  void aTokenIsNotSentInPlainTextToAnotherMachine() {
    person.environment.put("TIDE_TOKEN", SECRET);
    for (String far :
        new String[] {
          "http://springtide.invalid", "http://127.0.0.1.springtide.invalid", "http://10.255.0.1"
        }) {
      assertThat(person.tide("pool", "list", "--api", far)).as(far).isEqualTo(2);
      assertThat(person.complained()).contains("in plain text", "--insecure");
    }
    assertThat(person.tide("pool", "list", "--api", "http://springtide.invalid", "--insecure"))
        .as("there is no such machine")
        .isEqualTo(3);
    assertThat(person.complained()).doesNotContain(SECRET);
    for (String near : new String[] {"localhost", "127.0.0.1", "[::1]", "LocalHost"}) {
      assertThat(Target.isLoopback(java.net.URI.create("http://" + near + ":1"))).isTrue();
    }
  }

  @Test
  void whoMayNotIsToldHowToGiveAToken() {
    person.environment.put("TIDE_API", server.url());
    server.when("GET /v1/pools", FakeServer.send(401, "{'title': 'Who', 'detail': 'are you'}"));
    assertThat(person.tide("pool", "list")).isEqualTo(1);
    assertThat(person.complained()).contains("give a token by TIDE_TOKEN", "--token-file FILE");
    server.when(
        "GET /v1/pools", FakeServer.send(403, "{'title': 'No', 'detail': 'x', 'fix': 'ask A'}"));
    person.environment.put("TIDE_TOKEN", SECRET);
    assertThat(person.tide("pool", "list")).isEqualTo(1);
    assertThat(person.complained())
        .contains("fix:   ask A; the token of TIDE_TOKEN does not suffice: give another")
        .doesNotContain(SECRET);
  }

  @Test
  void aFileThatIsWrongIsToldOf() throws IOException {
    Path config = Files.createDirectories(dir.resolve("tide")).resolve("config.yaml");
    for (String[] wrong :
        new String[][] {
          {"curent: a", "curent"},
          {"contexts: [a]", "contexts"},
          {"contexts: {a: {}}", "contexts.a.api"},
          {"contexts: {a: {api: x, token: y}}", "contexts.a.token"},
          {"current: a", "there is no context 'a'"},
          {"a: [", "is not YAML"}
        }) {
      Files.writeString(config, wrong[0]);
      assertThat(person.tide("pool", "list")).as(wrong[0]).isEqualTo(2);
      assertThat(person.complained()).contains(wrong[1]);
    }
    assertThat(person.tide("context", "set", "a/b", "--api", "x")).isEqualTo(2);
    Files.writeString(config, "contexts: {a: {api: '" + server.url() + "', tokenFile: ~/f}}");
    token("f", SECRET);
    assertThat(person.tide("pool", "list", "--context", "a")).isZero();
    assertThat(server.authorized).containsOnly("Bearer " + SECRET);
  }

  @Test
  void anHttpsServerIsTrustedByTheCaThatIsNamedAndNoOther() throws Exception {
    Path mine = certificate("mine");
    Path foreign = certificate("foreign");
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(tls("mine")));
    https.createContext(
        "/",
        exchange -> {
          FakeServer.send(200, EMPTY).answer(exchange);
          exchange.close();
        });
    https.start();
    try {
      String url = "https://127.0.0.1:" + https.getAddress().getPort();
      assertThat(person.tide("pool", "list", "--api", url)).isEqualTo(3);
      assertThat(person.complained()).contains("--ca FILE");
      assertThat(person.tide("pool", "list", "--api", url, "--ca", foreign.toString()))
          .isEqualTo(3);
      assertThat(person.tide("pool", "list", "--api", url, "--ca", mine.toString())).isZero();
      assertThat(person.tide("context", "set", "tls", "--api", url, "--ca", mine.toString()))
          .isZero();
      assertThat(person.tide("pool", "list", "--context", "tls")).isZero();
      assertThat(person.tide("pool", "list", "--api", url, "--ca", token("no.pem", "none")))
          .isEqualTo(2);
      assertThat(person.tide("pool", "list", "--api", server.url(), "--ca", mine.toString()))
          .as("a CA that would say nothing")
          .isEqualTo(2);
    } finally {
      https.stop(0);
    }
  }

  /** A certificate for loopback that vouches for itself, in a key store beside it. */
  private Path certificate(String name) throws Exception {
    keytool(
        "-genkeypair", name, "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "san=ip:127.0.0.1");
    Path pem = dir.resolve(name + ".pem");
    keytool("-exportcert", name, "-rfc", "-file", pem.toString());
    return pem;
  }

  private void keytool(String action, String name, String... more) throws Exception {
    String[] command = new String[more.length + 9];
    System.arraycopy(
        new String[] {
          Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
          action,
          "-keystore",
          dir.resolve(name + ".p12").toString(),
          "-storepass",
          "password",
          "-alias",
          name,
          "-noprompt"
        },
        0,
        command,
        0,
        9);
    System.arraycopy(more, 0, command, 9, more.length);
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
  }

  private SSLContext tls(String name) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(dir.resolve(name + ".p12"))) {
      store.load(in, "password".toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, "password".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
