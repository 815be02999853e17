package io.springtide.registry.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.http.ServerAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading challenges, and whom our password may be shown. */
class ChallengeTest {
  @Test
  void aBearerChallengeIsReadWithItsQuotes() {
    assertThat(
            Challenge.parse(
                "Bearer"
                    + " realm=\"https://auth.example/token\",service=\"reg\",scope=\"repository:a/b:pull,push\""))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm",
                    "https://auth.example/token",
                    "service",
                    "reg",
                    "scope",
                    "repository:a/b:pull,push")));
    assertThat(Challenge.parse("Basic realm=x"))
        .containsExactly(new Challenge("basic", Map.of("realm", "x")));
    assertThat(Challenge.parse("")).isEmpty();
  }

  @Test
  void severalChallengesOfOneHeaderAreToldApart() {
    assertThat(
            Challenge.parse(
                " Negotiate , BEARER realm = \"a, \\\"b\\\" Basic realm=c\" ,, service=d,Basic"
                    + " realm=\"e\""))
        .containsExactly(
            new Challenge("negotiate", Map.of()),
            new Challenge("bearer", Map.of("realm", "a, \"b\" Basic realm=c", "service", "d")),
            new Challenge("basic", Map.of("realm", "e")));
    assertThat(Challenge.parse("realm=x")).isEmpty();
    assertThat(Challenge.parse("Negotiate dG9rZW4=, Basic realm=x")).isNotEmpty();
    assertThat(Challenge.parse("=".repeat(8000))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry-1.docker.io,https://auth.docker.io/token,true",
    "https://registry.example.com,https://registry.example.com/token,true",
    "https://registry.example.com,https://evil.com/token,false",
    "https://registry.example.co.uk,https://auth.evil.co.uk/token,false",
    "https://registry.example.com,http://auth.example.com/token,false",
    "https://registry.example.com,https://trusted.other.net/token,true",
    "http://127.0.0.1:5000,http://127.0.0.1:5001/token,true",
    "http://127.0.0.1:5000,http://10.0.0.1:5001/token,false",
    "https://registry.github.io,https://evil.github.io/token,false",
  })
  void theRealmMustBelongToTheUpstream(String upstream, String realm, boolean allowed) {
    RealmGuard guard =
        new RealmGuard(
            Optional.empty(), ServerAddress.of(URI.create(upstream)), Set.of("trusted.other.net"));
    assertThat(guard.allows(URI.create(realm))).isEqualTo(allowed);
  }
}
