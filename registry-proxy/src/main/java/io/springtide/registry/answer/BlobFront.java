package io.springtide.registry.answer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.answer.ByteRange.Wanted;
import io.springtide.registry.blob.Blobs;
import io.springtide.registry.blob.Blobs.Found;
import io.springtide.registry.client.Turn;
import io.springtide.registry.fill.Fill;
import io.springtide.registry.fill.FillTable;
import io.springtide.registry.member.OwnerFirst;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.Refusal;
import io.springtide.registry.upstream.Upstreams.Target;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests for blobs: whole or in part, from disk or while they arrive. */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class BlobFront {
  private static final Logger log = LoggerFactory.getLogger(BlobFront.class);

  private final Blobs blobs;
  private final BlobStore store;
  private final FillTable fills;

  public BlobFront(Blobs blobs, BlobStore store, FillTable fills) {
    this.blobs = blobs;
    this.store = store;
    this.fills = fills;
  }

  public void answer(Turn turn, Target target, Digest digest) {
    answer(turn, target, digest, true);
  }

  private void answer(Turn turn, Target target, Digest digest, boolean mayRepeat) {
    if (turn.isHead() && !store.has(digest) && fills.find(digest).isEmpty()) {
      headOfMiss(turn, target, digest);
      return;
    }
    blobs
        .open(
            target.upstream(),
            target.place(),
            digest,
            turn.header(OwnerFirst.DIRECT_HEADER).isPresent())
        .whenComplete(
            (found, error) ->
                turn.onLoop(() -> found(turn, target, digest, mayRepeat, found, error)));
  }

  private void found(
      Turn turn, Target target, Digest digest, boolean mayRepeat, Found found, Throwable error) {
    if (turn.isOver()) {
      return;
    }
    if (error != null) {
      turn.refuse(Refusal.from(error), "BLOB_UNKNOWN");
      return;
    }
    boolean answered = true;
    if (found instanceof Found.Whole whole) {
      answered = whole(turn, whole);
    } else if (found instanceof Found.Filling filling) {
      answered =
          filling(turn, target, digest, filling) || over(turn, target, digest, filling.fill());
    } else if (found instanceof Found.Passing passing) {
      if (turn.isHead()) {
        headOfMiss(turn, target, digest);
      } else {
        RelayBody.send(turn, passing.source(), digest);
      }
    }
    if (!answered) {
      if (mayRepeat) {
        answer(turn, target, digest, false);
      } else {
        turn.refuse(
            new Refusal(Refusal.Kind.UNAVAILABLE, digest + " went away while it was asked for"),
            "BLOB_UNKNOWN");
      }
    }
  }

  /** A fill that failed before this client came to read: another would end in the same way. */
  private static boolean over(Turn turn, Target target, Digest digest, Fill fill) {
    if (fill.isOutOfRoom()) {
      RelayBody.send(turn, target.upstream().blob(target.place(), digest), digest);
    } else {
      fill.failure().ifPresent(why -> turn.refuse(why, "BLOB_UNKNOWN"));
    }
    return fill.failure().isPresent();
  }

  private void headOfMiss(Turn turn, Target target, Digest digest) {
    turn.source("miss");
    blobs
        .size(target.upstream(), target.place(), digest)
        .whenComplete(
            (size, error) ->
                turn.onLoop(
                    () -> {
                      if (error != null) {
                        turn.refuse(Refusal.from(error), "BLOB_UNKNOWN");
                      } else {
                        describe(turn, digest, size);
                      }
                    }));
  }

  /** That it is there, as GET would say; its size where it is known (RFC 9110, 9.3.2). */
  private static void describe(Turn turn, Digest digest, Optional<Long> size) {
    HttpHeaders headers = BlobHeaders.of(digest, "application/octet-stream");
    size.ifPresent(bytes -> headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes));
    turn.head(HttpResponseStatus.OK, headers);
    turn.last();
  }

  private boolean whole(Turn turn, Found.Whole found) {
    StoredBlob blob = found.blob();
    turn.source(found.stale() ? "stale" : "hit");
    if (turn.isHead()) {
      describe(turn, blob.digest(), Optional.of(blob.size()));
      return true;
    }
    Optional<Selection> chosen = select(turn, blob.digest(), blob.size());
    if (chosen.isEmpty()) {
      return true;
    }
    FileChannel file;
    try {
      file = store.read(blob);
    } catch (NoSuchFileException e) {
      return false; // evicted under our hands
    } catch (IOException e) {
      log.warn("cannot read {}: {}", blob.path(), e.toString());
      turn.refuse(
          new Refusal(Refusal.Kind.UNAVAILABLE, "cannot read " + blob.digest() + " now"),
          "BLOB_UNKNOWN");
      return true;
    }
    sayHead(turn, blob.digest(), chosen.get(), blob.size());
    BlobBody.send(turn, file, chosen.get().range().from(), chosen.get().range().to());
    return true;
  }

  private boolean filling(Turn turn, Target target, Digest digest, Found.Filling found) {
    Fill fill = found.fill();
    turn.source(found.begun() ? "miss" : "filling");
    long size = fill.size();
    if (turn.isHead()) {
      if (size < 0) {
        headOfMiss(turn, target, digest);
      } else {
        describe(turn, digest, Optional.of(size));
      }
      return true;
    }
    if (size < 0 && !turn.takesChunks()) {
      // Its end would be that of the connection, which a cut answer has too.
      fill.done()
          .whenComplete(
              (stored, error) ->
                  turn.onLoop(
                      () -> {
                        if (error != null) {
                          turn.refuse(Refusal.from(error), "BLOB_UNKNOWN");
                        } else if (!turn.isOver()) {
                          answer(turn, target, digest, false);
                        }
                      }));
      return true;
    }
    BlobSource source = target.upstream().blob(target.place(), digest);
    if (size < 0) {
      return BlobBody.send(
          turn,
          fill,
          0,
          -1,
          () -> BlobHeaders.sayChunked(turn, digest),
          position -> {
            if (turn.hasBegun()) {
              turn.abort();
            } else {
              RelayBody.send(turn, source, digest);
            }
          });
    }
    Optional<Selection> chosen = select(turn, digest, size);
    if (chosen.isEmpty()) {
      return true;
    }
    ByteRange range = chosen.get().range();
    boolean toTheEnd = range.to() == size;
    return BlobBody.send(
        turn,
        fill,
        range.from(),
        range.to(),
        () -> sayHead(turn, digest, chosen.get(), size),
        position -> {
          if (toTheEnd) {
            RelayBody.goOn(turn, source, digest, fill.hashed(), position, size);
          } else {
            turn.abort();
          }
        });
  }

  /** What to send; {@code partial} if it is the range that was asked for. */
  private record Selection(ByteRange range, boolean partial) {}

  /** The part to send; empty if the question is answered already (304, 416). */
  private static Optional<Selection> select(Turn turn, Digest digest, long size) {
    String etag = BlobHeaders.etag(digest);
    if (BlobHeaders.known(turn, digest)) {
      turn.answer(
          HttpResponseStatus.NOT_MODIFIED,
          BlobHeaders.of(digest, "application/octet-stream"),
          new byte[0]);
      return Optional.empty();
    }
    boolean otherVersion =
        turn.header(HttpHeaderNames.IF_RANGE).filter(v -> !v.equals(etag)).isPresent();
    Wanted wanted =
        ByteRange.of(otherVersion ? Optional.empty() : turn.header(HttpHeaderNames.RANGE), size);
    if (wanted instanceof Wanted.Unsatisfiable) {
      HttpHeaders headers =
          new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + size);
      turn.error(416, "RANGE_INVALID", "the content has " + size + " bytes", headers);
      return Optional.empty();
    }
    return Optional.of(
        wanted instanceof Wanted.Part part
            ? new Selection(part.range(), true)
            : new Selection(new ByteRange(0, size), false));
  }

  private static void sayHead(Turn turn, Digest digest, Selection chosen, long size) {
    HttpHeaders headers = BlobHeaders.of(digest, "application/octet-stream");
    headers.set(HttpHeaderNames.CONTENT_LENGTH, chosen.range().length());
    if (chosen.partial()) {
      headers.set(HttpHeaderNames.CONTENT_RANGE, chosen.range().of(size));
    }
    turn.head(
        chosen.partial() ? HttpResponseStatus.PARTIAL_CONTENT : HttpResponseStatus.OK, headers);
  }
}
