package io.springtide.registry.answer;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.blob.Blobs;
import io.springtide.registry.blob.Blobs.Found;
import io.springtide.registry.blob.PieceHasher;
import io.springtide.registry.client.Turn;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Ask;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.PeerAddress;
import io.springtide.registry.tracker.PieceHashes;
import io.springtide.registry.tracker.SwarmHeaders;
import io.springtide.registry.tracker.Tracker;
import io.springtide.registry.upstream.Refusal;
import io.springtide.registry.upstream.Upstreams.Target;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where peers announce themselves and get pieces. Whoever announces a blob has shown by the same
 * checks as for pulling it that it may read it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class TrackerDoor {
  /** A peer asks again after this while the proxy itself still waits for bytes. */
  private static final long FILLING_MILLIS = 100;

  /** As long as a peer that is stuck waits before it says so: see SwarmRules. */
  private static final long ASK_NEIGHBOURS_MILLIS = 500;

  private final Tracker tracker;
  private final Blobs blobs;
  private final PieceHasher hasher;
  private final Clock clock;
  private final int slots;

  // Guarded by this.
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private int sending;

  private record Waiting(Turn turn, Found found, PieceHashes hashes, Digest digest, Ask ask) {}

  /** {@code slots}: pieces that are sent at a time. */
  public TrackerDoor(Tracker tracker, Blobs blobs, PieceHasher hasher, Clock clock, int slots) {
    this.tracker = tracker;
    this.blobs = blobs;
    this.hasher = hasher;
    this.clock = clock;
    this.slots = slots;
  }

  public void hosts(Turn turn) {
    turn.source("tracker");
    try {
      Presence presence = Messages.presence(body(turn));
      Optional<PeerAddress> address = presence.self().at(remote(turn));
      if (address.isEmpty()) {
        throw new IOException("port: is not where others could reach it");
      }
      json(turn, Messages.write(tracker.present(presence, address.get(), System.nanoTime())));
    } catch (IOException e) {
      turn.error(400, "UNSUPPORTED", e.getMessage());
    }
  }

  public void announce(Turn turn, Target target, Digest digest) {
    turn.source("tracker");
    Announce announce;
    PeerAddress address;
    try {
      announce = Messages.announce(body(turn));
      address =
          announce
              .self()
              .at(remote(turn))
              .orElseThrow(() -> new IOException("port: is not where others could reach it"));
    } catch (IOException e) {
      turn.error(400, "UNSUPPORTED", e.getMessage());
      return;
    }
    if (announce.joined() && hasher.wasCorrupt(digest)) {
      turn.error(502, "UNAVAILABLE", "upstream sent other bytes for " + digest);
      return;
    }
    blobs
        .open(target.upstream(), target.place(), digest, false)
        .whenComplete(
            (found, error) ->
                turn.onLoop(
                    () -> {
                      if (turn.isOver()) {
                        return;
                      }
                      if (error != null) {
                        turn.refuse(Refusal.from(error), "BLOB_UNKNOWN");
                      } else {
                        json(
                            turn,
                            Messages.write(introduce(turn, digest, announce, address, found)));
                      }
                    }));
  }

  private Optional<Introduction> introduce(
      Turn turn, Digest digest, Announce announce, PeerAddress address, Found found) {
    // Nobody is made to hash what nobody shares.
    if (!announce.joined() && !tracker.wouldShare(address, size(found))) {
      return Optional.empty();
    }
    return hashes(found)
        .flatMap(
            hashes ->
                tracker.announced(
                    digest,
                    announce,
                    address,
                    remote(turn),
                    hashes,
                    System.nanoTime(),
                    clock.instant().getEpochSecond()));
  }

  private static long size(Found found) {
    return found instanceof Found.Whole whole
        ? whole.blob().size()
        : found instanceof Found.Filling filling ? filling.fill().size() : -1;
  }

  private Optional<PieceHashes> hashes(Found found) {
    try {
      return hasher.of(found);
    } catch (IOException e) {
      return Optional.empty(); // evicted under our hands: without a swarm it is fetched again
    }
  }

  public void piece(Turn turn, Target target, Digest digest) {
    turn.source("piece");
    Ask ask;
    try {
      ask = Messages.ask(body(turn));
    } catch (IOException e) {
      turn.error(400, "UNSUPPORTED", e.getMessage());
      return;
    }
    if (!tracker.takesPart(digest, ask.peer())) {
      turn.error(409, "UNSUPPORTED", "announce yourself first");
      return;
    }
    blobs
        .open(target.upstream(), target.place(), digest, false)
        .whenComplete(
            (found, error) ->
                turn.onLoop(
                    () -> {
                      if (turn.isOver()) {
                        return;
                      }
                      if (error != null) {
                        turn.refuse(Refusal.from(error), "BLOB_UNKNOWN");
                        return;
                      }
                      Optional<PieceHashes> hashes = hashes(found);
                      if (hashes.isEmpty()) {
                        nothing(turn, FILLING_MILLIS);
                      } else {
                        enqueue(new Waiting(turn, found, hashes.get(), digest, ask));
                      }
                    }));
  }

  private void enqueue(Waiting waiting) {
    synchronized (this) {
      queue.add(waiting);
    }
    serve();
  }

  private void serve() {
    while (true) {
      Waiting next;
      synchronized (this) {
        if (sending >= slots || queue.isEmpty()) {
          return;
        }
        next = queue.poll();
        sending++;
      }
      Waiting waiting = next;
      waiting.turn.onLoop(
          () -> {
            if (waiting.turn.isOver()) {
              free();
              return;
            }
            waiting.turn.whenOver(this::free);
            send(waiting);
          });
    }
  }

  private void free() {
    synchronized (this) {
      sending--;
    }
    serve();
  }

  private void send(Waiting waiting) {
    int ready = waiting.hashes.count();
    OptionalInt given =
        tracker.give(waiting.digest, waiting.ask.have(), waiting.ask.stuck(), ready);
    if (given.isEmpty()) {
      // Many peers that wait for the same upstream must not ask all the time.
      long members = tracker.members(waiting.digest);
      nothing(
          waiting.turn,
          ready < waiting.hashes.pieces().count()
              ? Math.max(FILLING_MILLIS, members)
              : ASK_NEIGHBOURS_MILLIS);
      return;
    }
    int piece = given.getAsInt();
    Pieces pieces = waiting.hashes.pieces();
    long from = pieces.offset(piece);
    long end = from + pieces.length(piece);
    Runnable head =
        () -> {
          HttpHeaders headers = new DefaultHttpHeaders();
          headers.set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream");
          headers.set(HttpHeaderNames.CONTENT_LENGTH, pieces.length(piece));
          headers.set(SwarmHeaders.PIECE, piece);
          headers.set(SwarmHeaders.PIECE_HASH, HexFormat.of().formatHex(waiting.hashes.of(piece)));
          waiting.turn.head(HttpResponseStatus.OK, headers);
        };
    if (waiting.found instanceof Found.Whole whole) {
      FileChannel file;
      try {
        file = FileChannel.open(whole.blob().path(), StandardOpenOption.READ);
      } catch (IOException e) {
        nothing(waiting.turn, FILLING_MILLIS);
        return;
      }
      head.run();
      BlobBody.send(waiting.turn, file, from, end);
    } else if (!(waiting.found instanceof Found.Filling filling)
        || !BlobBody.send(
            waiting.turn, filling.fill(), from, end, head, at -> waiting.turn.abort())) {
      nothing(waiting.turn, FILLING_MILLIS);
    }
  }

  private static void nothing(Turn turn, long againMillis) {
    turn.answer(
        HttpResponseStatus.OK,
        new DefaultHttpHeaders().set(SwarmHeaders.AGAIN, againMillis),
        new byte[0]);
  }

  private static byte[] body(Turn turn) {
    return ByteBufUtil.getBytes(turn.request().content());
  }

  private static String remote(Turn turn) {
    return PeerAddress.hostOf(turn.context().channel().remoteAddress());
  }

  private static void json(Turn turn, byte[] body) {
    turn.answer(
        HttpResponseStatus.OK,
        new DefaultHttpHeaders()
            .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON),
        body);
  }
}
