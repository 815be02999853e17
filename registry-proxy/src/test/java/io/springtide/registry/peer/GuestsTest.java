package io.springtide.registry.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.TestProxy.HandClock;
import io.springtide.registry.store.Digest;
import io.springtide.registry.tracker.Admissions;
import io.springtide.registry.tracker.PeerAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in. */
class GuestsTest {
  private static final Digest BLOB = Digest.of(new byte[] {1});
  private static final String FROM = "10.0.0.1";

  @Test
  void aLiarIsLetInNoMoreWhateverItShows(@TempDir Path directory) throws Exception {
    HandClock clock = new HandClock();
    Admissions proxy = Admissions.open(directory);
    Guests guests = new Guests(clock);
    PeerAddress peer = new PeerAddress("p", FROM, 5001);
    String shown = proxy.admit(peer, FROM, BLOB, clock.instant().getEpochSecond() + 60);
    assertThat(guests.admit(shown, FROM, BLOB)).as("the key is not known yet").isEmpty();
    guests.key(proxy.publicKey());
    assertThat(guests.admit(shown, FROM, BLOB)).contains(peer);
    guests.ban("p");
    assertThat(guests.admit(shown, FROM, BLOB)).isEmpty();
  }
}
