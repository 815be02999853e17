package io.springtide.registry.answer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.answer.ByteRange.Wanted;
import io.springtide.registry.blob.Blobs;
import io.springtide.registry.blob.Found;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.fill.Fill;
import io.springtide.registry.fill.FillTable;
import io.springtide.registry.member.OwnerFirst;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.ContentFailure;
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

  public void answer(ClientExchange client, Target target, Digest digest) {
    answer(client, target, digest, true);
  }

  private void answer(ClientExchange client, Target target, Digest digest, boolean mayRepeat) {
    if (client.isHead() && !store.has(digest) && fills.find(digest).isEmpty()) {
      headOfMiss(client, target, digest);
      return;
    }
    boolean direct = client.header(OwnerFirst.DIRECT_HEADER).isPresent();
    client.whenThere(
        blobs.open(target.upstream(), target.place(), digest, direct),
        "BLOB_UNKNOWN",
        found -> found(client, target, digest, mayRepeat, found));
  }

  private void found(
      ClientExchange client, Target target, Digest digest, boolean mayRepeat, Found found) {
    boolean answered =
        found.accept(
            new Found.Visitor<Boolean>() {
              @Override
              public Boolean on(Found.Whole whole) {
                return whole(client, whole);
              }

              @Override
              public Boolean on(Found.Filling filling) {
                return filling(client, target, digest, filling)
                    || over(client, target, digest, filling.fill());
              }

              @Override
              public Boolean on(Found.Passing passing) {
                if (client.isHead()) {
                  headOfMiss(client, target, digest);
                } else {
                  RelayBody.send(client, passing.source(), digest);
                }
                return true;
              }
            });
    if (!answered) {
      if (mayRepeat) {
        answer(client, target, digest, false);
      } else {
        client.refuse(
            new ContentFailure(
                ContentFailure.Kind.UNAVAILABLE, digest + " went away while it was asked for"),
            "BLOB_UNKNOWN");
      }
    }
  }

  /** A fill that failed before this client came to read: another would end in the same way. */
  private static boolean over(ClientExchange client, Target target, Digest digest, Fill fill) {
    if (fill.isOutOfRoom()) {
      RelayBody.send(client, target.upstream().blob(target.place(), digest), digest);
    } else {
      fill.failure().ifPresent(why -> client.refuse(why, "BLOB_UNKNOWN"));
    }
    return fill.failure().isPresent();
  }

  private void headOfMiss(ClientExchange client, Target target, Digest digest) {
    client.source("miss");
    client.whenThere(
        blobs.size(target.upstream(), target.place(), digest),
        "BLOB_UNKNOWN",
        size -> describe(client, digest, size));
  }

  /** That it is there, as GET would say; its size where it is known (RFC 9110, 9.3.2). */
  private static void describe(ClientExchange client, Digest digest, Optional<Long> size) {
    HttpHeaders headers = BlobHeaders.of(digest, "application/octet-stream");
    size.ifPresent(bytes -> headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes));
    client.head(HttpResponseStatus.OK, headers);
    client.last();
  }

  private boolean whole(ClientExchange client, Found.Whole found) {
    StoredBlob blob = found.blob();
    client.source(found.stale() ? "stale" : "hit");
    if (client.isHead()) {
      describe(client, blob.digest(), Optional.of(blob.size()));
      return true;
    }
    Optional<Selection> chosen = select(client, blob.digest(), blob.size());
    if (chosen.isEmpty()) {
      return true;
    }
    FileChannel file;
    try {
      file = store.read(blob);
    } catch (NoSuchFileException e) {
      return false; // evicted since it was found
    } catch (IOException e) {
      log.warn("cannot read {}: {}", blob.path(), e.toString());
      client.refuse(
          new ContentFailure(
              ContentFailure.Kind.UNAVAILABLE, "cannot read " + blob.digest() + " now"),
          "BLOB_UNKNOWN");
      return true;
    }
    sayHead(client, blob.digest(), chosen.get(), blob.size());
    BlobBody.send(client, file, chosen.get().range().from(), chosen.get().range().to());
    return true;
  }

  private boolean filling(
      ClientExchange client, Target target, Digest digest, Found.Filling found) {
    Fill fill = found.fill();
    client.source(found.begun() ? "miss" : "filling");
    long size = fill.size();
    if (client.isHead()) {
      if (size < 0) {
        headOfMiss(client, target, digest);
      } else {
        describe(client, digest, Optional.of(size));
      }
      return true;
    }
    if (size < 0 && !client.takesChunks()) {
      // Without length and chunks the answer ends with the connection, as one that was cut does.
      client.whenThere(
          fill.done(), "BLOB_UNKNOWN", stored -> answer(client, target, digest, false));
      return true;
    }
    BlobSource source = target.upstream().blob(target.place(), digest);
    if (size < 0) {
      return BlobBody.send(
          client,
          fill,
          0,
          -1,
          () -> BlobHeaders.sayChunked(client, digest),
          position -> {
            if (client.hasBegun()) {
              client.abort();
            } else {
              RelayBody.send(client, source, digest);
            }
          });
    }
    Optional<Selection> chosen = select(client, digest, size);
    if (chosen.isEmpty()) {
      return true;
    }
    ByteRange range = chosen.get().range();
    boolean toTheEnd = range.to() == size;
    return BlobBody.send(
        client,
        fill,
        range.from(),
        range.to(),
        () -> sayHead(client, digest, chosen.get(), size),
        position -> {
          if (toTheEnd) {
            RelayBody.goOn(client, source, digest, fill.hashed(), position, size);
          } else {
            client.abort();
          }
        });
  }

  /** What to send; {@code partial} if it is the range that was asked for. */
  private record Selection(ByteRange range, boolean partial) {}

  /** The part to send; empty if the question is answered already (304, 416). */
  private static Optional<Selection> select(ClientExchange client, Digest digest, long size) {
    String etag = BlobHeaders.etag(digest);
    if (BlobHeaders.known(client, digest)) {
      client.answer(
          HttpResponseStatus.NOT_MODIFIED,
          BlobHeaders.of(digest, "application/octet-stream"),
          new byte[0]);
      return Optional.empty();
    }
    boolean otherVersion =
        client.header(HttpHeaderNames.IF_RANGE).filter(v -> !v.equals(etag)).isPresent();
    Wanted wanted =
        ByteRange.of(otherVersion ? Optional.empty() : client.header(HttpHeaderNames.RANGE), size);
    if (wanted instanceof Wanted.Unsatisfiable) {
      HttpHeaders headers =
          new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + size);
      client.error(416, "RANGE_INVALID", "the content has " + size + " bytes", headers);
      return Optional.empty();
    }
    return Optional.of(
        wanted instanceof Wanted.Part part
            ? new Selection(part.range(), true)
            : new Selection(new ByteRange(0, size), false));
  }

  private static void sayHead(ClientExchange client, Digest digest, Selection chosen, long size) {
    HttpHeaders headers = BlobHeaders.of(digest, "application/octet-stream");
    headers.set(HttpHeaderNames.CONTENT_LENGTH, chosen.range().length());
    if (chosen.partial()) {
      headers.set(HttpHeaderNames.CONTENT_RANGE, chosen.range().of(size));
    }
    client.head(
        chosen.partial() ? HttpResponseStatus.PARTIAL_CONTENT : HttpResponseStatus.OK, headers);
  }
}
