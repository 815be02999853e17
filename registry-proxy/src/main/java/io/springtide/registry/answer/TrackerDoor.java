package io.springtide.registry.answer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.blob.Blobs;
import io.springtide.registry.blob.Found;
import io.springtide.registry.blob.PieceHasher;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Ask;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.Messages.Self;
import io.springtide.registry.tracker.PeerAddress;
import io.springtide.registry.tracker.PieceHashes;
import io.springtide.registry.tracker.SwarmHeaders;
import io.springtide.registry.tracker.Tracker;
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

  private record Waiting(
      ClientExchange client, Found found, PieceHashes hashes, Digest digest, Ask ask) {}

  /** {@code slots}: pieces that are sent at a time. */
  public TrackerDoor(Tracker tracker, Blobs blobs, PieceHasher hasher, Clock clock, int slots) {
    this.tracker = tracker;
    this.blobs = blobs;
    this.hasher = hasher;
    this.clock = clock;
    this.slots = slots;
  }

  public void hosts(ClientExchange client) {
    client.source("tracker");
    try {
      Presence presence = Messages.presence(client.body());
      PeerAddress address = address(client, presence.self());
      client.json(
          HttpResponseStatus.OK,
          Messages.write(tracker.present(presence, address, System.nanoTime())));
    } catch (IOException e) {
      client.error(400, "UNSUPPORTED", e.getMessage());
    }
  }

  public void announce(ClientExchange client, Target target, Digest digest) {
    client.source("tracker");
    Announce announce;
    PeerAddress address;
    try {
      announce = Messages.announce(client.body());
      address = address(client, announce.self());
    } catch (IOException e) {
      client.error(400, "UNSUPPORTED", e.getMessage());
      return;
    }
    if (announce.joined() && hasher.wasCorrupt(digest)) {
      client.error(502, "UNAVAILABLE", "upstream sent other bytes for " + digest);
      return;
    }
    client.whenThere(
        blobs.open(target.upstream(), target.place(), digest, false),
        "BLOB_UNKNOWN",
        found ->
            client.json(
                HttpResponseStatus.OK,
                Messages.write(introduce(client, digest, announce, address, found))));
  }

  private Optional<Introduction> introduce(
      ClientExchange client, Digest digest, Announce announce, PeerAddress address, Found found) {
    // To hash the pieces is to read the whole blob: only if it would be shared.
    if (!announce.joined() && !tracker.wouldShare(address, found.size())) {
      return Optional.empty();
    }
    return hasher
        .of(found)
        .flatMap(
            hashes ->
                tracker.announced(
                    digest,
                    announce,
                    address,
                    remote(client),
                    hashes,
                    System.nanoTime(),
                    clock.instant().getEpochSecond()));
  }

  public void piece(ClientExchange client, Target target, Digest digest) {
    client.source("piece");
    Ask ask;
    try {
      ask = Messages.ask(client.body());
    } catch (IOException e) {
      client.error(400, "UNSUPPORTED", e.getMessage());
      return;
    }
    if (!tracker.takesPart(digest, ask.peer())) {
      client.error(409, "UNSUPPORTED", "announce yourself first");
      return;
    }
    client.whenThere(
        blobs.open(target.upstream(), target.place(), digest, false),
        "BLOB_UNKNOWN",
        found ->
            hasher
                .of(found)
                .ifPresentOrElse(
                    hashes -> enqueue(new Waiting(client, found, hashes, digest, ask)),
                    () -> nothing(client, FILLING_MILLIS)));
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
      waiting.client.onLoop(
          () -> {
            if (waiting.client.isOver()) {
              free();
              return;
            }
            waiting.client.whenOver(this::free);
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
          waiting.client,
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
          waiting.client.head(HttpResponseStatus.OK, headers);
        };
    boolean sent =
        waiting.found.accept(
            new Found.Visitor<Boolean>() {
              @Override
              public Boolean on(Found.Whole whole) {
                FileChannel file;
                try {
                  file = FileChannel.open(whole.blob().path(), StandardOpenOption.READ);
                } catch (IOException e) {
                  return false;
                }
                head.run();
                BlobBody.send(waiting.client, file, from, end);
                return true;
              }

              @Override
              public Boolean on(Found.Filling filling) {
                return BlobBody.send(
                    waiting.client, filling.fill(), from, end, head, at -> waiting.client.abort());
              }

              @Override
              public Boolean on(Found.Passing passing) {
                return false;
              }
            });
    if (!sent) {
      nothing(waiting.client, FILLING_MILLIS);
    }
  }

  private static void nothing(ClientExchange client, long againMillis) {
    client.answer(
        HttpResponseStatus.OK,
        new DefaultHttpHeaders().set(SwarmHeaders.AGAIN, againMillis),
        new byte[0]);
  }

  private static PeerAddress address(ClientExchange client, Self self) throws IOException {
    return self.at(remote(client))
        .orElseThrow(() -> new IOException("port: is not where others could reach it"));
  }

  private static String remote(ClientExchange client) {
    return PeerAddress.hostOf(client.context().channel().remoteAddress());
  }
}
