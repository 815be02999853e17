package io.springtide.registry.peer;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.springtide.registry.store.Digest;
import io.springtide.registry.tracker.Admissions;
import io.springtide.registry.tracker.PeerAddress;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which peers may have which blobs of this one: those that the proxy admitted, but none that sent
 * wrong bytes.
 */
final class Guests {
  private record Shown(String admission, String from, Digest digest) {}

  /** Checking a signature costs some 100 µs, too much for each piece. */
  private final Cache<Shown, PeerAddress> checked =
      CacheBuilder.newBuilder()
          .maximumSize(10_000)
          .expireAfterWrite(Duration.ofSeconds(30))
          .build();

  private final Set<String> banned = ConcurrentHashMap.newKeySet();
  private final Clock clock;
  private volatile Optional<PublicKey> key = Optional.empty();

  Guests(Clock clock) {
    this.clock = clock;
  }

  /** The proxy signs with this one from now on. */
  void key(byte[] encoded) {
    Optional<PublicKey> next = Admissions.key(encoded);
    if (next.isPresent() && !next.equals(key)) {
      key = next;
      checked.invalidateAll();
    }
  }

  /** {@code from}: the address that whoever shows the admission comes from. */
  Optional<PeerAddress> admit(String admission, String from, Digest digest) {
    Shown shown = new Shown(admission, from, digest);
    PeerAddress known = checked.getIfPresent(shown);
    Optional<PeerAddress> guest = Optional.ofNullable(known);
    if (guest.isEmpty() && key.isPresent()) {
      guest =
          Admissions.check(key.get(), admission, from, digest, clock.instant().getEpochSecond());
      guest.ifPresent(peer -> checked.put(shown, peer));
    }
    return guest.filter(peer -> !isBanned(peer.id()));
  }

  void ban(String id) {
    banned.add(id);
  }

  boolean isBanned(String id) {
    return banned.contains(id);
  }
}
