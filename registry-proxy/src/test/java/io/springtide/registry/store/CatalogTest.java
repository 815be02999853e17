package io.springtide.registry.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.store.Catalog.Link;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Catalog.Tag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What repositories show, noted and forgotten. */
class CatalogTest {
  private static final Place PLACE = new Place("up", new RepoName("feed/api"));
  private static final Place BELOW = new Place("up", new RepoName("feed/api/more"));
  private static final Link LINK = new Link("", Instant.parse("2026-01-01T00:00:00Z"));

  private final Clock clock = Clock.fixed(LINK.checked().plusSeconds(60), ZoneOffset.UTC);

  @TempDir Path root;
  private Catalog catalog;

  @BeforeEach
  void open() throws Exception {
    catalog = new Catalog(root, clock);
  }

  private static Digest digest(int seed) {
    return Digest.of(new byte[] {(byte) seed, (byte) (seed >> 8)});
  }

  @Test
  void aForgottenRepositoryTakesNoOtherWithIt() throws Exception {
    TagName tag = new TagName("1.0");
    catalog.putLink(PLACE, digest(1), LINK);
    catalog.putTag(PLACE, tag, "15", new Tag(digest(1), "text/plain", LINK.checked()));
    catalog.putLink(BELOW, digest(2), LINK);
    assertThat(catalog.removeRepository(PLACE)).isTrue();
    assertThat(catalog.removeRepository(PLACE)).isFalse();
    assertThat(catalog.link(PLACE, digest(1))).isEmpty();
    assertThat(catalog.tag(PLACE, tag, "15")).isEmpty();
    assertThat(catalog.link(BELOW, digest(2))).contains(LINK);
    List<String> left = new ArrayList<>();
    new Catalog(root, clock).forEachLink((place, digest) -> left.add(place + "@" + digest));
    assertThat(left).containsExactly(BELOW + "@" + digest(2));
  }

  @Test
  void whatWasConfirmedByAClockThatWasSetBackSinceAgesFromNowOn() throws Exception {
    TagName tag = new TagName("1.0");
    Instant tomorrow = clock.instant().plus(Duration.ofDays(1));
    catalog.putLink(PLACE, digest(1), new Link("", tomorrow));
    catalog.putTag(PLACE, tag, "15", new Tag(digest(1), "text/plain", tomorrow));
    assertThat(catalog.link(PLACE, digest(1))).contains(new Link("", clock.instant()));
    assertThat(catalog.tag(PLACE, tag, "15"))
        .contains(new Tag(digest(1), "text/plain", clock.instant()));
  }

  @Test
  void forgettingARepositoryDoesNotMindWhatIsNotedMeanwhile() throws Exception {
    CompletableFuture<Void> noting =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 2000; i++) {
                try {
                  catalog.putLink(PLACE, digest(i), LINK);
                } catch (NoSuchFileException e) {
                  // forgotten in this moment: it will be noted another time
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
    while (!noting.isDone()) {
      catalog.removeRepository(PLACE);
    }
    noting.join();
  }
}
