package io.springtide.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
  @TempDir Path dir;

  @Test
  void waitsHaveDefaultsAndLimits() throws Exception {
    String least = "mesos: {master: \"127.0.0.1:5050\"}\ndataDir: /tmp/x\n";
    assertThat(read(least).waits()).isEqualTo(ServerConfig.Waits.DEFAULT);
    assertThat(read(least).waits().unreachableAfter()).isEqualTo(Duration.ofMinutes(5));
    ServerConfig.Waits own =
        read(least
                + "waits: {unreachableAfter: 90s, holdOffers: 5s, suppressAfter: 1m,"
                + " lookAround: 2m}\n")
            .waits();
    assertThat(own)
        .isEqualTo(
            new ServerConfig.Waits(
                Duration.ofSeconds(90),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(2)));
    for (String bad : new String[] {"holdOffers: 0s", "suppressAfter: 1s", "lookAround: 25h"}) {
      assertThatThrownBy(() -> read(least + "waits: {" + bad + "}\n"))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("waits." + bad.substring(0, bad.indexOf(':')))
          .hasMessageContaining("to 24h");
    }
  }

  @Test
  void theConfigurationOfTheManualReads() throws Exception {
    ServerConfig config =
        read(
            """
            cluster: prod
            mesos: {master: "zk://zk1:2181/mesos", role: springtide, principal: springtide, secretFile: /etc/springtide/secret}
            zookeeper: {connect: "zk1:2181/springtide", user: springtide, passwordFile: /etc/springtide/zookeeper-password}
            dataDir: /var/lib/springtide
            http: {address: "0.0.0.0:8080"}
            tls: {certificate: /etc/springtide/server.crt, key: /etc/springtide/server.key, ca: /etc/springtide/ca.crt}
            metrics: tokens
            artifacts: {executorUrl: "http://artifacts.example/springtide/executor-1.0.jar", address: "0.0.0.0:8081"}
            consul: {address: "127.0.0.1:8500"}
            registry:
              adminTokenFile: /etc/springtide/registry-admin
              proxies: [{zone: cn-beijing-b, url: "http://10.0.0.1:5000"}]
            """);
    assertThat(config.registry().orElseThrow().proxies())
        .containsExactly(
            new ServerConfig.Proxy(
                Optional.of("cn-beijing-b"), URI.create("http://10.0.0.1:5000")));
    assertThat(config.cluster()).isEqualTo("prod");
    assertThat(config.mesos().secretFile()).contains(Path.of("/etc/springtide/secret"));
    assertThat(config.mesos().failoverTimeout()).isEqualTo(Duration.ofDays(7));
    assertThat(config.mesos().maintenanceLead()).isEqualTo(Duration.ofHours(1));
    assertThat(config.zookeeper())
        .contains(
            new ServerConfig.ZooKeeper(
                "zk1:2181/springtide",
                Optional.of(
                    new ServerConfig.Login(
                        "springtide", Path.of("/etc/springtide/zookeeper-password")))));
    assertThat(config.tls())
        .contains(
            new ServerConfig.Tls(
                Path.of("/etc/springtide/server.crt"),
                Path.of("/etc/springtide/server.key"),
                Optional.of(Path.of("/etc/springtide/ca.crt"))));
    assertThat(config.artifacts().address()).contains(new ServerConfig.Address("0.0.0.0", 8081));
    assertThat(config.metrics()).isEqualTo(ServerConfig.Access.TOKENS);
    assertThat(config.http().port()).isEqualTo(8080);
    assertThat(config.consul()).contains("127.0.0.1:8500");
  }

  @Test
  void theShortestConfigurationHasUsefulDefaults() throws Exception {
    ServerConfig config = read("mesos: {master: 'localhost:5050'}\ndataDir: data\n");
    assertThat(config.mesos().role()).isEqualTo("springtide");
    assertThat(config.zookeeper()).isEmpty();
    assertThat(config.http())
        .isEqualTo(
            new ServerConfig.Http("127.0.0.1", 8080, Optional.empty(), java.util.List.of(), 500));
    assertThat(config.access()).isEqualTo(ServerConfig.Access.TOKENS);
    assertThat(config.metrics()).isEqualTo(ServerConfig.Access.OPEN);
    assertThat(config.tls()).isEmpty();
    assertThat(config.artifacts().address()).isEmpty();
  }

  /** On this machine once, for all others twice. */
  @Test
  void whoLetsInEverybodyWritesThat() throws Exception {
    String least = "mesos: {master: 'localhost:5050'}\ndataDir: data\naccess: open\n";
    assertThatThrownBy(() -> read(least + "metrics: tokens\n"))
        .hasMessageContaining("metrics: there are no tokens where access is open");
    for (String here : new String[] {"127.0.0.1:0", "127.0.0.2:8080", "localhost:1", "[::1]:80"}) {
      String address = "http: {address: '" + here + "'}\n";
      assertThat(read(least + address).access()).isEqualTo(ServerConfig.Access.OPEN);
      assertThatThrownBy(() -> read(least + address + "openEverywhere: true\n"))
          .hasMessageContaining("openEverywhere: http.address is on loopback only");
    }
    for (String everywhere :
        new String[] {"0.0.0.0:8080", "[::]:80", "10.0.0.1:80", "a.example:1"}) {
      String address = "http: {address: '" + everywhere + "'}\n";
      assertThatThrownBy(() -> read(least + address))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("access: open lets whoever reaches " + everywhere)
          .hasMessageContaining("write tokens, or add openEverywhere: true");
      assertThat(read(least + address + "openEverywhere: true\n").access())
          .isEqualTo(ServerConfig.Access.OPEN);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mesos: {mastre: 'h:1'}        | mesos.mastre          | did you mean 'master'?",
        "mesos: {master: 'h:99999'}    | mesos.master          | 'h:99999' is not allowed; write"
            + " host:port",
        "mesos: {master: 5050}         | mesos.master          | put it in quotes",
        "mesos: {}                     | mesos.master          | it is missing",
        "mesos: {master: 'h:1', role: '*'} | mesos.role        | '*' is not a role of our own",
        "mesos: {master: 'h:1', principal: p} | mesos.secretFile | name a file with the secret",
        "http: {address: '8080'}       | http.address          | write host:port",
        "http: {address: 'h:70000'}    | http.address          | 70000 is not a port",
        "access: token                 | access                | did you mean 'tokens'?",
        "openEverywhere: true           | openEverywhere        | access is tokens; leave it out",
        "tls: {certificate: c}          | tls.key               | name the PEM file",
        "tls: {key: k}                  | tls.certificate       | name the PEM file",
        "tls: {certificate: c, key: k, cert: c} | tls.cert      | did you mean",
        "artifacts: {address: '8081'}   | artifacts.address     | write host:port, such as"
            + " 0.0.0.0:8081",
        "artifacts: {address: 'h:70000'} | artifacts.address    | 70000 is not a port",
        "zookeeper: {connect: 'zk1:2181/s', user: u} | zookeeper.passwordFile | name a file with"
            + " the password",
        "zookeeper: {connect: 'zk1:2181/s', passwordFile: f} | zookeeper.user | name the user",
        "zookeeper: {connect: 'zk1:2181/s', user: 'a:b', passwordFile: f} | zookeeper.user | 'a:b'"
            + " is not allowed",
        "zookeeper: {connect: 'zk1:2181', user: u, passwordFile: f} | zookeeper.connect | write a"
            + " path of our own",
        "zookeeper: {connect: 'zk1:2181/', user: u, passwordFile: f} | zookeeper.connect | write a"
            + " path of our own",
        "http: {requestsPerSecond: 0}  | http.requestsPerSecond | write",
        "consul: {address: 'h:65536'}  | consul.address        | 'h:65536' is not allowed",
        "consul: {address: 'h:0'}      | consul.address        | 'h:0' is not allowed",
        "zookeeper: {connect: 'zk1:2181,zk2:70000/s'} | zookeeper.connect | is not allowed; write"
            + " host:port,host:port/path",
        "mesos: {master: 'zk://zk1:2181,zk2:70000/mesos'} | mesos.master | is not allowed; write",
        "cloud: {local: {endpoints: ['http://h:70000']}} | cloud.local.endpoints[0] | is not"
            + " allowed; write a base URL",
        "registry: {adminTokenFile: t, proxies: [{url: 'http://x:70000'}]} |"
            + " registry.proxies[0].url | is not allowed",
        "artifacts: {executorUrl: 'http://x:70000/e.jar'} | artifacts.executorUrl | not an http or"
            + " https URL",
        "registry: {adminTokenFile: t, proxies: [{url: 'ftp://x'}]} | registry.proxies[0].url |"
            + " 'ftp://x' is not allowed",
        "registry: {adminTokenFile: t} | registry.proxies     | there are none",
        "zookeeper: {connect: zk1}     | zookeeper.connect     | write host:port,host:port/path",
        "artifacts: {executorUrl: 'ftp://x'} | artifacts.executorUrl | not an http or https URL",
        "artifacts: {executorSha256: 'CAFE'} | artifacts.executorSha256 | 64 lower-case hexadecimal"
            + " digits",
        "executor: {overhead: {cpus: -1}} | executor.overhead.cpus | -1 is negative",
        "htpp: {}                      | htpp                  | did you mean 'http'?",
      })
  void anErrorNamesKeyValueAndWhatIsAllowed(String line, String key, String part) {
    String rest = line.startsWith("mesos") ? "" : "mesos: {master: 'h:5050'}\n";
    assertThatThrownBy(() -> read(rest + "dataDir: data\n" + line + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("server.yaml: " + key + ": ")
        .hasMessageContaining(part);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ConfigFile.read(dir.resolve("none.yaml")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("There is no file " + dir.resolve("none.yaml"));
  }

  private ServerConfig read(String text) throws ConfigException, IOException {
    return ConfigFile.read(Files.writeString(dir.resolve("server.yaml"), text));
  }
}
