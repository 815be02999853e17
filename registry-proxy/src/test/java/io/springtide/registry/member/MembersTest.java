package io.springtide.registry.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which proxy fetches a digest first, when some come and go. */
class MembersTest {
  private static List<URI> uris(int count) {
    List<URI> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(URI.create("http://10.0.0." + i + ":5000"));
    }
    return all;
  }

  private static Digest digest(int i) {
    return Digest.of(new byte[] {(byte) i, (byte) (i >> 8)});
  }

  @Test
  void allMembersAgreeOnTheOwnerAndTheLoadIsEven() {
    List<URI> all = uris(4);
    Map<URI, Integer> owned = new HashMap<>();
    for (int i = 0; i < 4000; i++) {
      Digest digest = digest(i);
      URI owner = new Members(all.get(0), all, Clock.systemUTC()).owner(digest).orElse(all.get(0));
      for (URI self : all) {
        assertThat(new Members(self, all, Clock.systemUTC()).owner(digest).orElse(self))
            .isEqualTo(owner);
      }
      owned.merge(owner, 1, Integer::sum);
    }
    assertThat(owned.values()).allSatisfy(count -> assertThat(count).isBetween(800, 1200));
  }

  @Test
  void whenOneLeavesOnlyItsShareMoves() {
    List<URI> all = uris(5);
    Members before = new Members(all.get(0), all, Clock.systemUTC());
    Members after = new Members(all.get(0), all.subList(0, 4), Clock.systemUTC());
    for (int i = 0; i < 1000; i++) {
      Optional<URI> owner = before.owner(digest(i));
      if (!owner.equals(Optional.of(all.get(4)))) {
        assertThat(after.owner(digest(i))).isEqualTo(owner);
      }
    }
  }

  @Test
  void aMemberThatFailedIsAvoidedForAWhile() {
    List<URI> all = uris(2);
    TestProxy.HandClock clock = new TestProxy.HandClock();
    Members members = new Members(all.get(0), all, clock);
    int i = 0;
    while (members.owner(digest(i)).isEmpty()) {
      i++;
    }
    members.failed(all.get(1));
    assertThat(members.owner(digest(i))).isEmpty();
    clock.pass(java.time.Duration.ofSeconds(31));
    assertThat(members.owner(digest(i))).contains(all.get(1));
  }
}
