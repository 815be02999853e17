package io.springtide.registry.member;

import io.springtide.registry.store.Digest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The proxies behind one name, and which of them fetches a digest first, by rendezvous hashing
 * (Thaler and Ravishankar, "A name-based mapping scheme for rendezvous"): when one comes or goes,
 * only its own share moves. Two members that see different lists cost a second fetch upstream,
 * never a wrong answer.
 */
public final class Members {
  private static final Duration AVOIDED = Duration.ofSeconds(30);

  private final URI self;
  private final Clock clock;
  private final Map<URI, Instant> failed = new ConcurrentHashMap<>();
  private volatile Set<URI> members;

  public Members(URI self, Collection<URI> members, Clock clock) {
    this.self = self;
    this.clock = clock;
    set(members);
  }

  /** Who is there now; this one always is. */
  void set(Collection<URI> now) {
    Set<URI> all = new TreeSet<>(now);
    all.add(self);
    members = Set.copyOf(all);
  }

  public Set<URI> all() {
    return members;
  }

  /** The other proxy that owns the digest; empty if it is this one. */
  Optional<URI> owner(Digest digest) {
    URI best = self;
    long bestWeight = weight(self, digest);
    for (URI member : members) {
      Instant since = failed.get(member);
      boolean avoided = since != null && since.plus(AVOIDED).isAfter(clock.instant());
      long weight = weight(member, digest);
      if (!avoided
          && (weight > bestWeight || (weight == bestWeight && member.compareTo(best) > 0))) {
        best = member;
        bestWeight = weight;
      }
    }
    return best.equals(self) ? Optional.empty() : Optional.of(best);
  }

  /** The member did not answer: others own its share for a while. */
  void failed(URI member) {
    failed.put(member, clock.instant());
  }

  private static long weight(URI member, Digest digest) {
    MessageDigest hash = Digest.of(new byte[0]).newHash();
    hash.update(member.toString().getBytes(StandardCharsets.UTF_8));
    hash.update(digest.toString().getBytes(StandardCharsets.UTF_8));
    byte[] bytes = hash.digest();
    long weight = 0;
    for (int i = 0; i < 8; i++) {
      weight = weight << 8 | (bytes[i] & 0xff);
    }
    return weight >>> 1;
  }
}
