package io.springtide.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.model.InvalidModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The life of tokens, on a shelf in memory and a clock of ours. */
class AccessTest {
  private final MemoryShelf shelf = new MemoryShelf();
  private Instant now = Instant.parse("2026-11-11T00:00:00Z");
  private Access access = begin();

  private Access begin() {
    return new Access(shelf, () -> now, new SecureRandom());
  }

  @Test
  void aTokenIsShownOnceAndKeptByItsHash() {
    Access.Made made = make("ci", Role.OPERATOR, List.of("feed"));
    assertThat(made.secret()).matches("tide_[A-Za-z0-9_-]{43}");
    assertThat(access.holder(made.secret()))
        .hasValueSatisfying(who -> assertThat(who.name()).isEqualTo("ci"));
    assertThat(stored("ci")).contains("\"operator\"", "\"feed\"").doesNotContain(made.secret());
    assertThat(access.holder(made.secret() + "x")).isEmpty();
    assertThat(access.holder("")).isEmpty();
    assertThat(make("other", Role.VIEWER, List.of()).secret()).isNotEqualTo(made.secret());
  }

  @Test
  void whoLeadsNextKnowsThemAll() {
    Access.Made kept = make("kept", Role.OPERATOR, List.of("feed", "search.web"));
    Access.Made removed = make("removed", Role.VIEWER, List.of());
    assertThat(access.remove("removed")).isTrue();
    now = now.plusSeconds(10);
    access.holder(kept.secret());
    access = begin();
    assertThat(access.holder(kept.secret())).contains(kept.token().holder());
    assertThat(access.holder(removed.secret())).isEmpty();
    assertThat(access.all())
        .singleElement()
        .satisfies(token -> assertThat(token.used()).contains(now));
  }

  @Test
  void anExpiredOneIsNoneFromThatInstantOn() {
    Access.Made made =
        access.create(
            new Principal("guest", Role.VIEWER, List.of()), Optional.of(Duration.ofHours(1)));
    now = now.plus(Duration.ofMinutes(60).minusNanos(1));
    assertThat(access.holder(made.secret())).isPresent();
    now = now.plusNanos(1);
    assertThat(access.holder(made.secret())).isEmpty();
    assertThat(access.knows(made.secret())).isFalse();
    assertThat(access.all()).as("until somebody removes it").hasSize(1);
  }

  @Test
  void itsUseIsWrittenByTheHourOnly() {
    Access.Made made = make("ci", Role.VIEWER, List.of());
    int written = shelf.writes;
    for (int minute = 0; minute < 60; minute++) {
      access.holder(made.secret());
      now = now.plus(Duration.ofMinutes(1));
    }
    assertThat(shelf.writes).isEqualTo(written + 1);
    access.holder(made.secret());
    assertThat(shelf.writes).isEqualTo(written + 2);
    assertThat(stored("ci")).contains("2026-11-11T01:00:00Z");
  }

  @Test
  void aNameIsTakenOnceAndTheLastAdminStays() {
    make("admin", Role.ADMIN, List.of());
    access.create(new Principal("brief", Role.ADMIN, List.of()), Optional.of(Duration.ofHours(1)));
    assertThatThrownBy(() -> make("admin", Role.VIEWER, List.of()))
        .isInstanceOf(InvalidModelException.class);
    assertThatThrownBy(() -> access.remove("admin"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("only admin token");
    assertThat(access.remove("nobody")).isFalse();
    make("second", Role.ADMIN, List.of());
    assertThat(access.remove("admin")).isTrue();
    assertThat(access.remove("brief")).isTrue();
  }

  @Test
  void thereAreNotMoreThanCanBeReadAtAStart() {
    for (int i = 0; i < Access.MOST_TOKENS; i++) {
      make("t" + i, Role.VIEWER, List.of());
    }
    assertThatThrownBy(() -> make("more", Role.VIEWER, List.of()))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void aSecretThatCannotBeKeptMakesNoToken() {
    assertThatThrownBy(
            () ->
                access.create(
                    new Principal("admin", Role.ADMIN, List.of()),
                    Optional.empty(),
                    secret -> {
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(IOException.class);
    assertThat(access.isEmpty()).isTrue();
    assertThat(shelf.all()).isEmpty();
  }

  private Access.Made make(String name, Role role, List<String> groups) {
    return access.create(new Principal(name, role, groups), Optional.empty());
  }

  private String stored(String name) {
    return new String(shelf.all().get(name), StandardCharsets.UTF_8);
  }

  /** Every stored token is read as it was written. */
  @Test
  void aDocumentIsReadAsItWasWritten() {
    var token =
        new Token(
            new Principal("x", Role.OPERATOR, List.of("a.b", "c")),
            "00ff",
            now,
            Optional.of(now.plusSeconds(5)),
            Optional.of(now.plusSeconds(1)));
    assertThat(TokenCodec.read(TokenCodec.write(token))).isEqualTo(token);
    assertThat(TokenCodec.show(token).has("hash")).isFalse();
    assertThat(Map.copyOf(shelf.all())).isEmpty();
  }
}
