package io.springtide.registry.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.PieceHashes;
import io.springtide.registry.tracker.SwarmHeaders;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One piece on its way from a neighbour or from the proxy. Bytes go where they belong as they come,
 * on the connection's thread; that it is over is told once, and how: {@link End}.
 */
final class Flight implements ResponseListener {
  /** The proxy, where others have their neighbour's number. */
  static final int ORIGIN = -1;

  /** A piece and the SHA-256 that it must have. */
  @SuppressWarnings("ArrayRecordComponent") // Handed from hand to hand, never compared.
  record Goal(int piece, byte[] hash) {
    /** Whichever the proxy says. */
    static final Goal ANY = new Goal(-1, new byte[0]);
  }

  /** In which way it ended. */
  enum Outcome {
    /** The piece is here, and right. */
    LANDED,
    /** The proxy has no piece to give now: see {@link End#again}. */
    NOTHING,
    /** The neighbour is too busy. */
    BUSY,
    /** Another answer than these. */
    REFUSED,
    /** The bytes are not the piece. */
    LIED,
    /** The connection, or the answer, is no good: see {@link End#why}. */
    BROKEN,
    /** The file cannot be written: see {@link End#why}. */
    CANNOT_WRITE
  }

  /**
   * How it ended.
   *
   * @param load requests that wait at whoever answered
   * @param again nanoseconds after which to ask the proxy again
   * @param why empty unless it broke
   */
  record End(Outcome outcome, int load, long again, Optional<IOException> why) {}

  /** Hears once, on any thread, that it is over, unless it is abandoned. */
  interface Over {
    void over(Flight flight, End end);
  }

  /** A neighbour's number. */
  final int from;

  final long since;
  private final PieceFile file;
  private final Over over;
  private final MessageDigest hash = Digest.of(new byte[0]).newHash();

  // Guarded by this.
  private Goal goal;
  private ServerExchange exchange;
  private ByteBuf memory;
  private boolean claim;
  private boolean dead;
  private int received;
  private int load;

  /** {@code goal}: of a neighbour; the proxy chooses and says it. */
  Flight(PieceFile file, Over over, int from, Goal goal, long since) {
    this.file = file;
    this.over = over;
    this.from = from;
    this.goal = goal;
    this.since = since;
  }

  /** The piece, negative as long as the proxy has not said which. */
  synchronized int piece() {
    return goal.piece();
  }

  /** Whether the place in the file is its own, and nobody else's. */
  synchronized boolean hasClaim() {
    return claim;
  }

  /** Gives up; once it returns nothing more is written or told. */
  synchronized void abandon() {
    if (dead) {
      return;
    }
    die();
    if (exchange != null) {
      exchange.cancel();
    }
  }

  private void die() {
    dead = true;
    if (claim) {
      claim = false;
      file.unclaim(goal.piece());
    }
  }

  private void tell(Outcome outcome) {
    over.over(this, new End(outcome, load, 0, Optional.empty()));
  }

  private void tell(Outcome outcome, IOException why) {
    over.over(this, new End(outcome, load, 0, Optional.of(why)));
  }

  @Override
  public synchronized void head(int status, HttpHeaders headers, ServerExchange exchange) {
    this.exchange = exchange;
    if (dead) {
      exchange.cancel();
      return;
    }
    load = headers.getInt(SwarmHeaders.LOAD, 0);
    if (from == ORIGIN && status == 200 && headers.contains(SwarmHeaders.AGAIN)) {
      long millis = Math.min(60_000, Math.max(10, headers.getInt(SwarmHeaders.AGAIN, 500)));
      long again = TimeUnit.MILLISECONDS.toNanos(millis);
      dead = true;
      over.over(this, new End(Outcome.NOTHING, load, again, Optional.empty()));
      return;
    }
    if (status != 200) {
      dead = true;
      tell(from != ORIGIN && status == 503 ? Outcome.BUSY : Outcome.REFUSED);
      return;
    }
    Pieces pieces = file.pieces();
    if (from == ORIGIN) {
      int piece = headers.getInt(SwarmHeaders.PIECE, -1);
      String hex = headers.get(SwarmHeaders.PIECE_HASH, "");
      if (piece < 0 || piece >= pieces.count() || !hex.matches("[0-9a-f]{64}")) {
        fail(new IOException("the proxy sent no piece"));
        return;
      }
      goal = new Goal(piece, HexFormat.of().parseHex(hex));
    }
    if (headers.getInt(HttpHeaderNames.CONTENT_LENGTH, -1) != pieces.length(goal.piece())
        || goal.hash().length != PieceHashes.LENGTH) {
      fail(new IOException("not as long as piece " + goal.piece() + " is"));
      return;
    }
    claim = file.claim(goal.piece());
    if (!claim) {
      memory = Unpooled.buffer(pieces.length(goal.piece()), pieces.length(goal.piece()));
    }
  }

  @Override
  public synchronized void data(ByteBuf bytes) {
    if (dead) {
      return;
    }
    int count = bytes.readableBytes();
    if (received + count > file.pieces().length(goal.piece())) {
      fail(new IOException("longer than piece " + goal.piece() + " is"));
      return;
    }
    hash.update(bytes.nioBuffer());
    try {
      if (claim) {
        file.write(file.pieces().offset(goal.piece()) + received, bytes);
      } else {
        memory.writeBytes(bytes);
      }
    } catch (IOException e) {
      die();
      exchange.cancel();
      tell(Outcome.CANNOT_WRITE, e);
      return;
    }
    received += count;
  }

  @Override
  public synchronized void end() {
    if (dead) {
      return;
    }
    if (received < file.pieces().length(goal.piece())) {
      fail(new IOException("piece " + goal.piece() + " came only in part"));
      return;
    }
    boolean right = MessageDigest.isEqual(hash.digest(), goal.hash());
    if (right) {
      dead = true; // but keeps its claim until the fetch has taken it
      tell(Outcome.LANDED);
    } else {
      die();
      tell(Outcome.LIED);
    }
  }

  @Override
  public synchronized void failed(IOException why) {
    if (!dead) {
      die();
      tell(Outcome.BROKEN, why);
    }
  }

  private void fail(IOException why) {
    exchange.cancel();
    failed(why);
  }

  synchronized byte[] expected() {
    return goal.hash();
  }

  /** Puts what was kept in memory into the file; nothing to do if it is there already. */
  synchronized void store() throws IOException {
    if (memory != null) {
      file.write(file.pieces().offset(goal.piece()), memory);
    }
  }
}
