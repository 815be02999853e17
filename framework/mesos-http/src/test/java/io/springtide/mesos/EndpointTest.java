package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "http://10.0.0.1:5050, http://10.0.0.1:5050",
    "127.0.0.1:5051, http://127.0.0.1:5051",
    "HTTPS://master.example:5050/, https://master.example:5050",
    "[::1]:5051, http://[::1]:5051",
  })
  void readsWhatMesosAndPeopleWrite(String text, String expected) {
    assertThat(Endpoint.parse(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host",
        "host:",
        ":5050",
        "host:0",
        "host:65536",
        "host:99999999999",
        "::1:5050",
        "http://host:5050/master",
        "ftp://host:21",
        "a b:1",
        "user@host:1"
      })
  void refusesWhatIsNoEndpoint(String text) {
    assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void followsALocationWithoutAScheme() {
    Endpoint asked = Endpoint.parse("https://127.0.0.1:15060");
    assertThat(asked.redirectedTo("//localhost:15050/master/api/v1/scheduler"))
        .contains(Endpoint.parse("https://localhost:15050"));
    assertThat(asked.redirectedTo("http://localhost:15050"))
        .contains(Endpoint.parse("http://localhost:15050"));
    assertThat(asked.redirectedTo("/elsewhere")).isEmpty();
    assertThat(asked.redirectedTo("//:0/")).isEmpty();
    assertThat(asked.redirectedTo("//host:0/x")).isEmpty();
  }
}
