package io.springtide.registry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a peer's configuration may say, and what it is told otherwise. */
class PeerConfigTest {
  private static final String HEAD = "listen: 127.0.0.1:5000\ndataDir: /x\n";
  private static final String GOOD = "proxy: 'http://p:5000', listen: '0.0.0.0:5001'";

  private static ProxyConfig parse(String peer) throws ConfigException {
    return ConfigFile.parse(HEAD + "peer: {" + peer + "}\n");
  }

  @Test
  void aPeerKnowsItsProxyAndItsPlaceFromSmallToLarge() throws ConfigException {
    ProxyConfig config = parse(GOOD + ", zone: z1, rack: r1, switch: s1, uploadRate: 10MiB");
    ProxyConfig.Peer peer = config.peer().orElseThrow();
    assertThat(peer.around()).containsExactly("switch:z1/r1/s1", "rack:z1/r1", "zone:z1");
    assertThat(peer.uploadBytesPerSecond()).isEqualTo(10 << 20);
    assertThat(config.upstreams()).hasSize(1);
    assertThat(config.upstreams().get(0).url()).hasToString("http://p:5000");
    assertThat(config.tags().ttl()).as("the proxy knows better").isEqualTo(Duration.ZERO);
    assertThat(parse(GOOD).peer().orElseThrow().around()).isEmpty();
  }

  @Test
  void aProxyTracksWithoutBeingTold() throws ConfigException {
    ProxyConfig config = ConfigFile.parse(HEAD + "upstreams: [{name: up, url: 'http://u'}]\n");
    assertThat(config.peer()).isEmpty();
    assertThat(config.swarm().minHosts()).isEqualTo(10);
    assertThat(config.tags().ttl()).isEqualTo(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: '0.0.0.0:1' | peer.proxy is missing",
        "proxy: 'ftp://p', listen: '0.0.0.0:1' | peer.proxy",
        "proxy: 'http://p' | peer.listen is missing",
        "proxy: 'http://p', listen: '5001' | peer.listen",
        "proxy: 'http://p', listen: '0.0.0.0:70000' | peer.listen",
        "proxy: 'http://p', listen: '0.0.0.0:1', zone: 'a b' | peer.zone",
        "proxy: 'http://p', listen: '0.0.0.0:1', rack: '../x' | peer.rack",
        "proxy: 'http://p', listen: '0.0.0.0:1', host: 'a/b' | peer.host",
        "proxy: 'http://p', listen: '0.0.0.0:1', uploads: 0 | peer.uploads",
        "proxy: 'http://p', listen: '0.0.0.0:1', uploadRate: fast | peer.uploadRate",
        "proxy: 'http://p', listen: '0.0.0.0:1', username: u | peer.passwordFile",
        "proxy: 'http://p', listen: '0.0.0.0:1', uplods: 1 | did you mean uploads?"
      })
  void whatIsWrongIsNamed(String peer, String named) {
    assertThatThrownBy(() -> parse(peer))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstreams: [{name: up, url: 'http://u'}]",
        "cluster: {self: 'http://s'}",
        "swarm: {minHosts: 3}",
        "sync: {images: ['a:b']}"
      })
  void whatAPeerHasNoUseForIsRefused(String more) {
    assertThatThrownBy(() -> ConfigFile.parse(HEAD + "peer: {" + GOOD + "}\n" + more + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(more.substring(0, more.indexOf(':')));
  }
}
