package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.server.config.ServerConfig;
import io.springtide.server.http.Door;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.Listeners;
import io.springtide.server.tls.Tls;
import io.springtide.testing.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asking a server by TLS, which does not lead: that it says so shows that it was asked. */
class TlsTest {
  @TempDir Path dir;
  private final Person person = new Person("unset");
  private HttpApi api;

  @BeforeEach
  void nobodyIsNamed() {
    person.environment.remove("TIDE_API");
    person.environment.put("XDG_CONFIG_HOME", dir.toString());
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private String serve(Certificates.Pair pem) throws Exception {
    Tls tls = Tls.read(new ServerConfig.Tls(pem.certificate(), pem.key(), Optional.empty()));
    api =
        new HttpApi(
            new Listeners("127.0.0.1", 0, Optional.of(tls), Optional.empty()),
            new Door(List.of(), true),
            name -> Optional.empty());
    return "https://127.0.0.1:" + api.port();
  }

  /** As a server of this user leaves it. */
  private void left(int port, String kind, String text) throws Exception {
    Path servers = Files.createDirectories(dir.resolve("tide/servers"));
    Files.writeString(servers.resolve(port + "." + kind), text);
  }

  private void asked(String... arguments) {
    assertThat(unanswered(arguments)).contains("this process does not lead");
  }

  private String unanswered(String... arguments) {
    assertThat(person.tide(arguments)).isEqualTo(ExitCodes.UNREACHABLE);
    return person.complained();
  }

  @Test
  void whoseServerItIsNamesNeitherAddressNorCertificate() throws Exception {
    Certificates.Pair pem = Certificates.make(dir, "server", "dns:springtide.example");
    String url = serve(pem);
    left(api.port(), "api", url + "\n");
    assertThat(unanswered("pool", "list")).contains("whom nobody here trusts");
    left(api.port(), "pem", Files.readString(pem.certificate()));
    asked("pool", "list");
    asked("pool", "list", "--api", url.replace("127.0.0.1", "localhost"));

    left(1, "api", "http://127.0.0.1:1\n"); // of one that was killed
    asked("pool", "list");

    Certificates.Pair other = Certificates.make(dir, "other", "dns:springtide.example");
    left(api.port(), "pem", Files.readString(other.certificate()));
    assertThat(unanswered("pool", "list"))
        .contains("shows another certificate than the one in")
        .contains("--ca FILE");
  }

  @Test
  void severalServersOfOnesOwnAreToldApart() throws Exception {
    String url = serve(Certificates.make(dir, "server", "ip:127.0.0.1"));
    left(api.port(), "api", url + "\n");
    try (FakeServer second = new FakeServer()) {
      left(second.port(), "api", second.url() + "\n");
      assertThat(person.tide("pool", "list")).isEqualTo(ExitCodes.USAGE);
      assertThat(person.complained())
          .contains("several servers of yours run here: ")
          .contains(url)
          .contains(second.url())
          .contains("--api");
    }
  }

  @Test
  void whatIsWrongWithACertificateIsSaid() throws Exception {
    Certificates.Pair pem =
        Certificates.make(dir, "server", "dns:a.example", "ip:10.1.2.3", "dns:localhost");
    String url = serve(pem);
    assertThat(unanswered("pool", "list", "--api", url))
        .contains("the certificate of " + url + " is by 'CN=server', whom nobody here trusts")
        .contains("--ca FILE")
        .contains("TIDE_CA");
    String ca = pem.certificate().toString();
    assertThat(unanswered("pool", "list", "--api", url, "--ca", ca))
        .contains(
            "the certificate of %s is for a.example, 10.1.2.3, localhost, and not for 127.0.0.1"
                .formatted(url));
    asked("pool", "list", "--api", url.replace("127.0.0.1", "localhost"), "--ca", ca);
    person.environment.put("TIDE_CA", ca);
    asked("pool", "list", "--api", url.replace("127.0.0.1", "localhost"));
    assertThat(person.tide("pool", "list", "--api", url.replace("https", "http")))
        .isEqualTo(ExitCodes.REFUSED);
    assertThat(person.complained())
        .contains("the request came without TLS")
        .contains("ask by https://");
  }

  @Test
  void whatHasExpiredIsSaid() throws Exception {
    Certificates.Authority ca = Certificates.authority(dir, "ca");
    String url = serve(ca.make("old", 5, "ip:127.0.0.1"));
    assertThat(unanswered("pool", "list", "--api", url, "--ca", ca.certificate().toString()))
        .contains("the certificate of " + url + " has expired, 20")
        .contains("have it renewed");
  }

  @Test
  void aServerWithoutTlsIsNotAskedByIt() throws Exception {
    api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0), new Door(List.of(), false), name -> Optional.empty());
    String url = "https://127.0.0.1:" + api.port();
    assertThat(unanswered("pool", "list", "--api", url))
        .contains(url + " does not speak TLS")
        .contains("ask it by http://");
  }
}
