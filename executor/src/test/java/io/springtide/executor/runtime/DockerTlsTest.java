package io.springtide.executor.runtime;

import static io.springtide.executor.runtime.ContainerRuntimeContract.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.executor.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine behind TLS, set up as Docker's manual says. */
class DockerTlsTest {
  @TempDir Path scratch;
  private Path server;
  private Path client;

  @BeforeEach
  void certificates() throws Exception {
    Needs.docker();
    server = Files.createDirectories(scratch.resolve("server"));
    client = Files.createDirectories(scratch.resolve("client"));
    openssl("req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -keyout ca-key.pem -out ca.pem");
    Files.writeString(scratch.resolve("san"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    for (Path side : List.of(server, client)) {
      Files.copy(scratch.resolve("ca.pem"), side.resolve("ca.pem"));
      openssl("req -newkey rsa:2048 -nodes -subj /CN=x -keyout " + side + "/key.pem -out csr");
      openssl(
          "x509 -req -in csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile san -out "
              + side
              + "/cert.pem");
    }
  }

  @Test
  void itIsReachedWithACertificate() throws Exception {
    assertThat(probe(client).detail()).startsWith("docker ");
    // As older openssl writes it.
    openssl("rsa -traditional -in " + client + "/key.pem -out " + client + "/rsa.pem");
    Files.move(
        client.resolve("rsa.pem"), client.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(client.resolve("key.pem")).content().contains("BEGIN RSA PRIVATE KEY");
    assertThat(probe(client).ready()).isTrue();
  }

  @Test
  void anotherAuthoritysEngineIsNot() throws Exception {
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout k -out " + client + "/ca.pem");
    assertThat(probe(client).ready()).isFalse();
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    Files.delete(client.resolve("key.pem"));
    assertThat(probe(client).detail()).contains("key.pem").contains("DOCKER_CERT_PATH");
  }

  private Readiness probe(Path certificates) throws Exception {
    try (var door = EngineDoor.tls(DockerTls.context(server));
        var runtime =
            new DockerRuntime(
                new Owner("f", "h", "e"),
                Map.of(
                    "DOCKER_HOST", door.url(),
                    "DOCKER_TLS_VERIFY", "1",
                    "DOCKER_CERT_PATH", certificates.toString()))) {
      return done(runtime.probe());
    }
  }

  private void openssl(String arguments) throws Exception {
    var command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ", -1)));
    var process =
        new ProcessBuilder(command)
            .directory(scratch.toFile())
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("openssl.log").toFile())
            .start();
    assertThat(process.waitFor())
        .as("%s: %s", arguments, Files.readString(scratch.resolve("openssl.log")))
        .isZero();
  }
}
