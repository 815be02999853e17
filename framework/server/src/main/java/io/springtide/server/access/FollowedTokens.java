package io.springtide.server.access;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The tokens as a process knows them that does not lead: told of each that is made, used or
 * removed. Before one is refused all are read again, since the word of a new one may still be on
 * its way. When a token was last used is noted by the leader alone.
 */
public final class FollowedTokens implements Holders {
  /** Readings of all tokens, whoever asks with how many that nobody knows. */
  private static final double READ_PER_SECOND = 5;

  private final Supplier<Map<String, byte[]>> all;
  private final Supplier<Instant> clock;
  private final LongSupplier nanos;
  private final RateLimit readings = new RateLimit(READ_PER_SECOND, READ_PER_SECOND);
  private final Map<String, Token> byName = new HashMap<>(); // guarded by this
  private final Map<String, Token> byHash = new HashMap<>(); // guarded by this

  /**
   * @param all reads all documents by name
   * @param nanos of a clock that never goes back
   */
  public FollowedTokens(
      Supplier<Map<String, byte[]>> all, Supplier<Instant> clock, LongSupplier nanos) {
    this.all = all;
    this.clock = clock;
    this.nanos = nanos;
  }

  /** A token was made or has changed. */
  public synchronized void put(String name, byte[] document) {
    remove(name);
    Token token = TokenCodec.read(document);
    byName.put(name, token);
    byHash.put(token.hash(), token);
  }

  public synchronized void remove(String name) {
    Token before = byName.remove(name);
    if (before != null) {
      byHash.remove(before.hash());
    }
  }

  @Override
  public Optional<Principal> holder(String secret) {
    if (!knows(secret) && readings.take("", nanos.getAsLong())) {
      all.get().forEach(this::put);
    }
    return find(secret).map(Token::holder);
  }

  @Override
  public boolean knows(String secret) {
    return find(secret).isPresent();
  }

  @Override
  public synchronized boolean isEmpty() {
    return byName.isEmpty();
  }

  private synchronized Optional<Token> find(String secret) {
    return Optional.ofNullable(byHash.get(Token.hash(secret)))
        .filter(token -> !token.isExpired(clock.get()));
  }
}
