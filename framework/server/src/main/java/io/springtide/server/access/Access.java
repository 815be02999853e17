package io.springtide.server.access;

import io.springtide.partition.model.InvalidModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The tokens of a cluster, for as long as this process leads. */
public final class Access implements Holders {
  /** Each is read at every start. */
  static final int MOST_TOKENS = 1000;

  /** More would write to the store at every request. */
  private static final Duration USE_NOTED = Duration.ofHours(1);

  /** Where they outlive this process. Each call returns when it is durable. */
  public interface Shelf {
    /** All documents by name. */
    Map<String, byte[]> all();

    /** Keeps one, in place of what has the name. */
    void put(String name, byte[] document);

    void remove(String name);
  }

  /**
   * A token that was just made.
   *
   * @param secret shown this once, and kept nowhere
   */
  public record Made(Token token, String secret) {}

  private final Shelf shelf;
  private final Supplier<Instant> clock;
  private final SecureRandom random;
  private final Map<String, Token> byHash = new ConcurrentHashMap<>();

  /** Reads all tokens. */
  public Access(Shelf shelf, Supplier<Instant> clock, SecureRandom random) {
    this.shelf = shelf;
    this.clock = clock;
    this.random = random;
    shelf.all().values().stream()
        .map(TokenCodec::read)
        .forEach(token -> byHash.put(token.hash(), token));
  }

  @Override
  public boolean isEmpty() {
    return byHash.isEmpty();
  }

  /** All, by name; expired ones too, until somebody removes them. */
  public List<Token> all() {
    return byHash.values().stream().sorted(Comparator.comparing(Token::name)).toList();
  }

  @Override
  public Optional<Principal> holder(String secret) {
    Optional<Token> token = find(secret);
    Instant now = clock.get();
    token
        .filter(one -> one.used().filter(used -> now.isBefore(used.plus(USE_NOTED))).isEmpty())
        .ifPresent(one -> noteUse(one.usedAt(now)));
    return token.map(Token::holder);
  }

  @Override
  public boolean knows(String secret) {
    return find(secret).isPresent();
  }

  private Optional<Token> find(String secret) {
    return Optional.ofNullable(byHash.get(Token.hash(secret)))
        .filter(token -> !token.isExpired(clock.get()));
  }

  /** Not of one that was removed meanwhile: it would be back. */
  private synchronized void noteUse(Token used) {
    if (byHash.replace(used.hash(), used) != null) {
      shelf.put(used.name(), TokenCodec.write(used));
    }
  }

  /**
   * Makes a token.
   *
   * @param lasts how long it can be used; empty: until it is removed
   * @throws InvalidModelException if the name is taken, or there are too many
   */
  public Made create(Principal holder, Optional<Duration> lasts) {
    try {
      return create(holder, lasts, secret -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a secret before its token exists. */
  public interface Keeper {
    void keep(String secret) throws IOException;
  }

  /**
   * As {@link #create(Principal, Optional)}.
   *
   * @param first gets the secret; if it fails, there is no token
   */
  public synchronized Made create(Principal holder, Optional<Duration> lasts, Keeper first)
      throws IOException {
    if (named(holder.name()).isPresent()) {
      throw new InvalidModelException(
          "name",
          "there is a token '" + holder.name() + "' already",
          "write another name, or delete that one first");
    }
    if (byHash.size() >= MOST_TOKENS) {
      throw new InvalidModelException(
          "name", "there are " + MOST_TOKENS + " tokens, as many as may be", "delete old ones");
    }
    String secret = Token.secret(random);
    Instant now = clock.get();
    Token token =
        new Token(holder, Token.hash(secret), now, lasts.map(now::plus), Optional.empty());
    first.keep(secret);
    shelf.put(token.name(), TokenCodec.write(token));
    byHash.put(token.hash(), token);
    return new Made(token, secret);
  }

  /**
   * Removes a token; from then on it is none.
   *
   * @return whether there was one
   * @throws InvalidModelException if nobody could make tokens without it
   */
  public synchronized boolean remove(String name) {
    Optional<Token> token = named(name);
    if (token.isEmpty()) {
      return false;
    }
    List<Token> left = new ArrayList<>(byHash.values());
    left.remove(token.get());
    if (left.stream().noneMatch(one -> isLastingAdmin(one)) && isLastingAdmin(token.get())) {
      throw new InvalidModelException(
          "name",
          "'" + name + "' is the only admin token without an end: nobody could make tokens then",
          "make another one first");
    }
    shelf.remove(name);
    byHash.remove(token.get().hash());
    return true;
  }

  private static boolean isLastingAdmin(Token token) {
    return token.holder().has(Role.ADMIN) && token.expires().isEmpty();
  }

  private Optional<Token> named(String name) {
    return byHash.values().stream().filter(token -> token.name().equals(name)).findFirst();
  }
}
