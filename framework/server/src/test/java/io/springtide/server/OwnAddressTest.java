package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnAddressTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:5050",
        "http://127.0.0.1:5050",
        "127.0.0.1:5050,127.0.0.2:5050",
        "zk://127.0.0.1:2181,127.0.0.2:2181/mesos",
        "zk://user:p@ss@127.0.0.1:2181/mesos"
      })
  void aMasterOnThisMachineIsReachedFromLoopback(String master) {
    assertThat(OwnAddress.towards(master)).contains("127.0.0.1");
  }

  @Test
  void anAddressOfTheNewerKindStandsInBrackets() {
    var found = OwnAddress.towards("[::1]:5050");
    // A machine without IPv6 has no route there.
    assertThat(found.orElse("[0:0:0:0:0:0:0:1]")).isEqualTo("[0:0:0:0:0:0:0:1]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "master", "no-such-host.invalid:5050", "127.0.0.1:99999", ":5050"})
  void whatLeadsNowhereHasNoAddress(String master) {
    assertThat(OwnAddress.towards(master)).isEmpty();
  }
}
