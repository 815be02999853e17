package io.springtide.mesos;

import static io.springtide.mesos.SchedulerFixture.call;
import static io.springtide.mesos.SchedulerFixture.subscribed;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.springtide.testing.Patience;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Masters behind TLS: trusted as the JVM trusts, by name or address. */
class TlsTest {
  private static final String TRUST_STORE = "javax.net.ssl.trustStore";
  private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";
  private static final String PASSWORD = "changeit";

  @TempDir private Path dir;
  private final String before = System.getProperty(TRUST_STORE);
  private final String passwordBefore = System.getProperty(TRUST_STORE_PASSWORD);
  private SslContext server;

  @BeforeEach
  void makeCertificate() throws Exception {
    Path keys = dir.resolve("keys.p12");
    keytool(
        "-genkeypair", "-keyalg", "EC", "-dname", "CN=master", "-ext", "SAN=ip:127.0.0.1", keys);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD.toCharArray());
    server = SslContextBuilder.forServer(factory).build();
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("master", store.getCertificate("mykey"));
    try (var out = Files.newOutputStream(dir.resolve("trusted.p12"))) {
      trusted.store(out, PASSWORD.toCharArray());
    }
  }

  @AfterEach
  void trustAsBefore() {
    restore(TRUST_STORE, before);
    restore(TRUST_STORE_PASSWORD, passwordBefore);
  }

  private static void restore(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  @Test
  void eventsAndCallsGoThroughTls() throws Exception {
    System.setProperty(TRUST_STORE, dir.resolve("trusted.p12").toString());
    System.setProperty(TRUST_STORE_PASSWORD, PASSWORD);
    try (ScriptedServer master = new ScriptedServer(Optional.of(server));
        SchedulerFixture it = new SchedulerFixture(new FixedMasters(List.of(master.endpoint())))) {
      it.mesos.start();
      it.scheduler.expect("connected");
      master.take().stream("Mesos-Stream-Id", "s1").send(subscribed());
      it.scheduler.expect("SUBSCRIBED");
      it.mesos.send(call(Call.Type.REVIVE));
      assertThat(master.take().read(Call.parser()).getType()).isEqualTo(Call.Type.REVIVE);
    }
  }

  @Test
  void aMasterThatIsNotTrustedIsNotSpokenTo() throws Exception {
    try (ScriptedServer master = new ScriptedServer(Optional.of(server));
        SchedulerFixture it = new SchedulerFixture(new FixedMasters(List.of(master.endpoint())))) {
      it.mesos.start();
      it.scheduler.expect("connected");
      it.scheduler.expect("lost the connection broke");
      assertThat(master.hasRequest()).isFalse();
    }
  }

  private void keytool(Object... arguments) throws Exception {
    ProcessBuilder command = new ProcessBuilder();
    command.command().add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    for (Object argument : arguments) {
      if (argument instanceof Path) {
        command.command().add("-keystore");
      }
      command.command().add(argument.toString());
    }
    command.command().addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    Process process = command.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}
