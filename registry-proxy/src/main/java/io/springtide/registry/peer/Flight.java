package io.springtide.registry.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.Exchange;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.PieceHashes;
import io.springtide.registry.tracker.SwarmHeaders;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One piece on its way from a neighbour or from the proxy. Bytes go where they belong as they come,
 * on the connection's thread; that it is over is told once, and how by its {@link #outcome}.
 */
final class Flight implements ResponseListener {
  /** The proxy, where others have their neighbour's number. */
  static final int ORIGIN = -1;

  /** How it ended. */
  enum Outcome {
    /** The piece is here, and right. */
    LANDED,
    /** The proxy has no piece to give now: see {@link Flight#again}. */
    NOTHING,
    /** The neighbour has too much to do. */
    BUSY,
    /** It was answered in another way. */
    REFUSED,
    /** The bytes are not the piece. */
    LIED,
    /** The connection, or the answer, is no good: see {@link Flight#why}. */
    BROKEN,
    /** The file cannot be written: see {@link Flight#why}. */
    CANNOT_WRITE
  }

  /** A neighbour's number. */
  final int from;

  final long since;
  private final PieceFile file;
  private final Consumer<Flight> over;
  private final MessageDigest hash = Digest.of(new byte[0]).newHash();

  // Guarded by this.
  private int piece;
  private byte[] expected;
  private Exchange exchange;
  private ByteBuf memory;
  private boolean claim;
  private boolean dead;
  private int received;
  private int load;
  private long again;
  private Outcome outcome;
  private IOException why;

  /**
   * @param over called once, on any thread, unless it is abandoned
   * @param piece and {@code expected}: of a neighbour; the proxy chooses and says them
   */
  Flight(PieceFile file, Consumer<Flight> over, int from, int piece, byte[] expected, long since) {
    this.file = file;
    this.over = over;
    this.from = from;
    this.piece = piece;
    this.expected = expected;
    this.since = since;
  }

  /** The piece, negative as long as the proxy has not said which. */
  synchronized int piece() {
    return piece;
  }

  synchronized Outcome outcome() {
    return outcome;
  }

  /** Requests that wait at whoever answered. */
  synchronized int load() {
    return load;
  }

  /** Nanoseconds after which to ask the proxy again. */
  synchronized long again() {
    return again;
  }

  synchronized IOException why() {
    return why;
  }

  /** Whether the place in the file is its own, and nobody else's. */
  synchronized boolean hasClaim() {
    return claim;
  }

  /** Gives up; from its return on nothing more is written or told. */
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
      file.unclaim(piece);
    }
  }

  private void tell(Outcome how) {
    outcome = how;
    over.accept(this);
  }

  @Override
  public synchronized void head(int status, HttpHeaders headers, Exchange exchange) {
    this.exchange = exchange;
    if (dead) {
      exchange.cancel();
      return;
    }
    load = headers.getInt(SwarmHeaders.LOAD, 0);
    if (from == ORIGIN && status == 200 && headers.contains(SwarmHeaders.AGAIN)) {
      long millis = Math.min(60_000, Math.max(10, headers.getInt(SwarmHeaders.AGAIN, 500)));
      again = TimeUnit.MILLISECONDS.toNanos(millis);
      dead = true;
      tell(Outcome.NOTHING);
      return;
    }
    if (status != 200) {
      dead = true;
      tell(from != ORIGIN && status == 503 ? Outcome.BUSY : Outcome.REFUSED);
      return;
    }
    Pieces pieces = file.pieces();
    if (from == ORIGIN) {
      piece = headers.getInt(SwarmHeaders.PIECE, -1);
      String hex = headers.get(SwarmHeaders.PIECE_HASH, "");
      if (piece < 0 || piece >= pieces.count() || !hex.matches("[0-9a-f]{64}")) {
        piece = -1;
        fail(new IOException("the proxy sent no piece"));
        return;
      }
      expected = HexFormat.of().parseHex(hex);
    }
    if (headers.getInt(HttpHeaderNames.CONTENT_LENGTH, -1) != pieces.length(piece)
        || expected.length != PieceHashes.LENGTH) {
      fail(new IOException("not as long as piece " + piece + " is"));
      return;
    }
    claim = file.claim(piece);
    if (!claim) {
      memory = Unpooled.buffer(pieces.length(piece), pieces.length(piece));
    }
  }

  @Override
  public synchronized void data(ByteBuf bytes) {
    if (dead) {
      return;
    }
    int count = bytes.readableBytes();
    if (received + count > file.pieces().length(piece)) {
      fail(new IOException("longer than piece " + piece + " is"));
      return;
    }
    hash.update(bytes.nioBuffer());
    try {
      if (claim) {
        file.write(file.pieces().offset(piece) + received, bytes);
      } else {
        memory.writeBytes(bytes);
      }
    } catch (IOException e) {
      die();
      exchange.cancel();
      why = e;
      tell(Outcome.CANNOT_WRITE);
      return;
    }
    received += count;
  }

  @Override
  public synchronized void end() {
    if (dead) {
      return;
    }
    if (received < file.pieces().length(piece)) {
      fail(new IOException("piece " + piece + " came only in part"));
      return;
    }
    boolean right = MessageDigest.isEqual(hash.digest(), expected);
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
      this.why = why;
      tell(Outcome.BROKEN);
    }
  }

  private void fail(IOException why) {
    exchange.cancel();
    failed(why);
  }

  byte[] expected() {
    return expected;
  }

  /** Puts what was kept in memory into the file; nothing to do if it is there already. */
  synchronized void store() throws IOException {
    if (memory != null) {
      file.write(file.pieces().offset(piece), memory);
    }
  }
}
