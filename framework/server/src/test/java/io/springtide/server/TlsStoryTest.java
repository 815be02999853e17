package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.server.access.Peers;
import io.springtide.server.config.ConfigException;
import io.springtide.server.config.ServerConfig;
import io.springtide.server.http.Door;
import io.springtide.server.http.Gate;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.Listeners;
import io.springtide.server.loop.Standby;
import io.springtide.server.tls.Tls;
import io.springtide.testing.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with a certificate: what it shows, to whom, and what it does with what is wrong. */
class TlsStoryTest {
  @TempDir Path dir;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(resource);
    return resource;
  }

  private static ServerConfig.Tls files(Certificates.Pair pem) {
    return new ServerConfig.Tls(pem.certificate(), pem.key(), Optional.empty());
  }

  private HttpApi api(Tls tls) throws HttpApi.PortException {
    return api(tls, Gate.asking(100, System::nanoTime));
  }

  private HttpApi api(Tls tls, Gate gate) throws HttpApi.PortException {
    return opened(
        new HttpApi(
            new Listeners(
                "127.0.0.1", 0, Optional.of(tls), Optional.of(new Listeners.Plain("127.0.0.1", 0))),
            new Door(List.of("springtide.example"), true),
            gate,
            name -> name.equals("executor.jar") ? Optional.of(jar()) : Optional.empty()));
  }

  private Path jar() {
    try {
      return Files.writeString(dir.resolve("executor.jar"), "the bytes of a jar");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String names(int port) throws Exception {
    try (SSLSocket socket = RawHttp.secure(port)) {
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return "" + shown.getSubjectAlternativeNames();
    }
  }

  private static String metric(HttpApi api, String name) throws IOException {
    return askBySecure(api.port(), "GET /metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .orElseThrow();
  }

  private static RawHttp.Answer askBySecure(int port, String line, String... headers)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("Host: 127.0.0.1:" + port);
    try (SSLSocket socket = RawHttp.secure(port)) {
      return RawHttp.ask(socket, line, "", all.toArray(String[]::new));
    }
  }

  @Test
  void aNewCertificateIsShownAndABrokenOneChangesNothing() throws Exception {
    Certificates.Pair pem = Certificates.make(dir, "server", "dns:first.example");
    Certificates.Pair next = Certificates.make(dir, "next", "dns:second.example");
    Tls tls = opened(Tls.read(files(pem)));
    List<String> told = new ArrayList<>();
    tls.onChange(() -> told.add("" + tls.names()));
    HttpApi api = api(tls);
    assertThat(names(api.port())).contains("first.example");
    assertThat(metric(api, "springtide_tls_stale")).endsWith(" 0.0");
    assertThat(metric(api, "springtide_tls_certificate_expires_seconds")).matches(".* 259\\d{4}.0");

    Files.copy(next.certificate(), pem.certificate(), StandardCopyOption.REPLACE_EXISTING);
    try (Logged log = new Logged(Tls.class)) {
      tls.look();
      tls.look();
      assertThat(log.lines()).as("said once").hasSize(1);
      assertThat(log.lines().get(0)).contains("is not the key of the first certificate");
    }
    assertThat(names(api.port())).as("half of a change").contains("first.example");
    assertThat(metric(api, "springtide_tls_stale")).endsWith(" 1.0");

    Files.copy(next.key(), pem.key(), StandardCopyOption.REPLACE_EXISTING);
    tls.look();
    assertThat(names(api.port())).contains("second.example");
    assertThat(metric(api, "springtide_tls_stale")).endsWith(" 0.0");

    Files.writeString(pem.certificate(), "nonsense");
    tls.look();
    assertThat(names(api.port())).contains("second.example");
    assertThat(told).containsExactly("[second.example]");
  }

  @Test
  void filesThatCannotBeUsedAreToldInASentence() throws Exception {
    Certificates.Pair pem = Certificates.make(dir, "server", "dns:a.example");
    Certificates.Pair other = Certificates.make(dir, "other", "dns:b.example");
    Path none = dir.resolve("none");
    refused(pem.certificate(), none, "tls.key: " + none + " cannot be read: it is not there");
    refused(none, pem.key(), "tls.certificate: " + none + " cannot be read: it is not there");
    refused(pem.certificate(), other.key(), "is not the key of the first certificate in");
    refused(pem.key(), pem.key(), "holds no certificate that can be read; name a file of PEM");
    refused(pem.certificate(), pem.certificate(), "holds no private key; name its PEM file");
    String old = Files.readString(pem.key()).replace("PRIVATE KEY", "EC PRIVATE KEY");
    Path kind = Files.writeString(dir.resolve("old.key"), old);
    Files.setPosixFilePermissions(kind, PosixFilePermissions.fromString("rw-r-----"));
    refused(pem.certificate(), kind, "openssl pkcs8 -topk8 -nocrypt -in " + kind);
    Files.setPosixFilePermissions(pem.key(), PosixFilePermissions.fromString("rw-r--r--"));
    refused(
        pem.certificate(),
        pem.key(),
        "tls.key: every user of this machine may read " + pem.key() + "; chmod o-rwx it");
  }

  private static void refused(Path certificate, Path key, String sentence) {
    assertThatThrownBy(() -> Tls.read(new ServerConfig.Tls(certificate, key, Optional.empty())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void whoSpeaksPlainHttpToItIsToldSoAndNothingIsRead() throws Exception {
    HttpApi api = api(opened(Tls.read(files(Certificates.make(dir, "server", "ip:127.0.0.1")))));
    for (String line : List.of("GET /healthz", "GET /v1/jobs", "POST /v1/jobs", "BREW /")) {
      RawHttp.Answer answer =
          RawHttp.ask(api.port(), line, "", "Host: localhost", "Authorization: Bearer tide_x");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("TLS is spoken here").contains("https://");
    }
    assertThat(metric(api, "springtide_requests_refused_total{status=\"401\"}"))
        .as("no token was looked at")
        .endsWith(" 0.0");
  }

  @Test
  void agentsGetTheExecutorWithoutTlsAndNothingElse() throws Exception {
    HttpApi api = api(opened(Tls.read(files(Certificates.make(dir, "server", "ip:127.0.0.1")))));
    int agents = api.artifactsPort();
    RawHttp.Answer jar = RawHttp.ask(agents, "GET /artifacts/executor.jar", "", "Host: any");
    assertThat(jar.text()).isEqualTo("the bytes of a jar");
    assertThat(RawHttp.ask(agents, "GET /healthz", "", "Host: any").text()).contains("starting");
    for (String line :
        List.of(
            "GET /v1/jobs",
            "GET /v1/events",
            "GET /v1/tokens",
            "GET /metrics",
            "GET /",
            "GET /artifacts/../v1/jobs",
            "GET //v1/jobs",
            "GET /healthz/../v1/jobs",
            "DELETE /v1/jobs/a",
            "POST /v1/tokens",
            "PUT /artifacts/executor.jar")) {
      RawHttp.Answer answer =
          RawHttp.ask(
              agents,
              line,
              "",
              "Host: localhost",
              "Content-Type: application/json",
              "Authorization: Bearer tide_x");
      assertThat(answer.status()).as(line).isIn(400, 404, 405);
    }
    assertThat(metric(api, "springtide_requests_refused_total{status=\"401\"}")).endsWith(" 0.0");
  }

  /** With TLS a page that came without is somebody's on the way. */
  @Test
  void onlyPagesByTlsAreItsOwn() throws Exception {
    HttpApi api = api(opened(Tls.read(files(Certificates.make(dir, "server", "ip:127.0.0.1")))));
    String own = "127.0.0.1:" + api.port();
    for (String origin : List.of("http://" + own, "http://springtide.example", "null")) {
      assertThat(askBySecure(api.port(), "GET /v1/jobs", "Origin: " + origin).status())
          .as(origin)
          .isEqualTo(403);
    }
    for (String origin : List.of("https://" + own, "https://springtide.example")) {
      assertThat(askBySecure(api.port(), "GET /v1/jobs", "Origin: " + origin).status())
          .as("it is only that nobody leads")
          .isEqualTo(503);
    }
  }

  @Test
  void oldVersionsAndWeakCiphersAreNotSpoken() throws Exception {
    HttpApi api = api(opened(Tls.read(files(Certificates.make(dir, "server", "ip:127.0.0.1")))));
    try (SSLSocket socket = RawHttp.secure(api.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    }
    try (SSLSocket socket = RawHttp.secure(api.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertThat(socket.getSession().getCipherSuite()).contains("_GCM_");
    }
    try (SSLSocket socket = RawHttp.secure(api.port())) {
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      assertThat(socket.getApplicationProtocol()).as("no HTTP/2").isNullOrEmpty();
    }
  }

  /** More than there are threads. */
  @Test
  void thoseWhoBeginAHandshakeAndSayNoMoreHoldNobodyUp() throws Exception {
    HttpApi api = api(opened(Tls.read(files(Certificates.make(dir, "server", "ip:127.0.0.1")))));
    for (int i = 0; i < 400; i++) {
      Socket silent = opened(new Socket(InetAddress.getLoopbackAddress(), api.port()));
      if (i % 2 == 0) {
        silent.getOutputStream().write(new byte[] {22, 3, 1}); // a handshake's first bytes
      }
    }
    assertThat(askBySecure(api.port(), "GET /metrics").status()).isEqualTo(200);
  }

  @Test
  void aFollowerAsksOnlyALeaderThatItsAuthoritiesVouchFor() throws Exception {
    Certificates.Authority ca = Certificates.authority(dir, "ca");
    Tls leaders = opened(Tls.read(files(ca.make("leader", 30, "ip:127.0.0.1"))));
    HttpApi leader = api(leaders, Gate.open());
    Certificates.Pair own = ca.make("follower", 30, "ip:127.0.0.1");

    RawHttp.Answer trusted = ask(follower(own, Optional.of(ca.certificate()), leader.port()));
    assertThat(trusted.text()).as("the leader's own words").contains("does not lead");
    RawHttp.Answer foreign = ask(follower(own, Optional.empty(), leader.port()));
    assertThat(foreign.status()).isEqualTo(503);
    assertThat(foreign.text()).contains("is not trusted").contains("tls.ca");

    HttpApi misnamed = api(opened(Tls.read(files(ca.make("misnamed", 30, "dns:a.example")))));
    RawHttp.Answer other = ask(follower(own, Optional.of(ca.certificate()), misnamed.port()));
    assertThat(other.status()).isEqualTo(503);
    assertThat(other.text()).contains("is not trusted").contains("127.0.0.1");
  }

  /** Without an authority they know one another by the certificate that both have. */
  @Test
  void serversWithOneCertificateNeedNothingMore() throws Exception {
    Certificates.Pair both = Certificates.make(dir, "both", "ip:127.0.0.1");
    HttpApi leader = api(opened(Tls.read(files(both))), Gate.open());
    assertThat(ask(follower(both, Optional.empty(), leader.port())).text())
        .contains("does not lead");
  }

  private HttpApi follower(Certificates.Pair pem, Optional<Path> ca, int leader) throws Exception {
    HttpApi api =
        api(opened(Tls.read(new ServerConfig.Tls(pem.certificate(), pem.key(), ca))), Gate.open());
    Peers peers = new Peers("s".repeat(Peers.BYTES).getBytes(StandardCharsets.US_ASCII));
    api.standBy(
        () -> Optional.of("https://127.0.0.1:" + leader),
        () -> Optional.of(peers),
        new Standby(CoreConfig.of("executor-1"), InstantSource.system(), System::nanoTime),
        Optional::empty);
    return api;
  }

  private static RawHttp.Answer ask(HttpApi api) throws IOException {
    return askBySecure(api.port(), "GET /v1/jobs");
  }
}
