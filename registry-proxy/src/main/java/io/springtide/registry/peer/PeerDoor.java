package io.springtide.registry.peer;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Have;
import io.springtide.registry.tracker.PeerAddress;
import io.springtide.registry.tracker.SwarmHeaders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of another peer: it says what it has, or asks for a piece. Nothing but that it
 * lives is told to whoever the proxy did not admit to that very blob; a digest is the only name
 * that a path can hold.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class PeerDoor extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(PeerDoor.class);
  private static final Pattern HAVE = Pattern.compile("/swarm/have/([^/]{1,200})");
  private static final Pattern PIECE =
      Pattern.compile("/swarm/pieces/([^/]{1,200})/([0-9]{1,8})/([0-9]{1,7})");

  private final HostShares shares;
  private boolean busy;
  private Optional<Integer> ticket = Optional.empty();
  private Source waiting;
  private Optional<Runnable> withdrawal = Optional.empty();

  PeerDoor(HostShares shares) {
    this.shares = shares;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (busy || request.decoderResult().isFailure()) {
      // A peer asks one thing at a time, and briefly: this is something else.
      ctx.close();
      return;
    }
    busy = true;
    boolean keep = HttpUtil.isKeepAlive(request);
    QueryStringDecoder uri = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, 8);
    String path = uri.rawPath();
    if (path.equals("/healthz")) {
      answer(ctx, keep, 200, new byte[0]);
      return;
    }
    Matcher have = HAVE.matcher(path);
    Matcher piece = PIECE.matcher(path);
    boolean post = request.method().equals(HttpMethod.POST);
    boolean get = request.method().equals(HttpMethod.GET);
    Optional<Digest> digest =
        post && have.matches()
            ? Digest.parse(have.group(1))
            : get && piece.matches() ? Digest.parse(piece.group(1)) : Optional.empty();
    if (digest.isEmpty()) {
      answer(ctx, keep, 404, new byte[0]);
      return;
    }
    Optional<PeerAddress> guest = guest(ctx, request, digest.get());
    if (guest.isEmpty()) {
      answer(ctx, keep, 403, new byte[0]);
    } else if (post) {
      heard(ctx, keep, guest.get(), digest.get(), ByteBufUtil.getBytes(request.content()));
    } else {
      int progress =
          uri.parameters().getOrDefault("progress", List.of("0")).stream()
              .filter(value -> value.matches("[0-9]{1,7}"))
              .mapToInt(Integer::parseInt)
              .findFirst()
              .orElse(0);
      send(
          ctx,
          keep,
          digest.get(),
          Integer.parseInt(piece.group(2)),
          Integer.parseInt(piece.group(3)),
          progress);
    }
  }

  private Optional<PeerAddress> guest(
      ChannelHandlerContext ctx, FullHttpRequest request, Digest digest) {
    String from = PeerAddress.hostOf(ctx.channel().remoteAddress());
    String header = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    return header.startsWith("Bearer ")
        ? shares.guests().admit(header.substring(7), from, digest)
        : Optional.empty();
  }

  private void heard(
      ChannelHandlerContext ctx, boolean keep, PeerAddress guest, Digest digest, byte[] body) {
    Optional<SwarmFetch> fetch = shares.fetches().find(digest);
    Have ours;
    if (fetch.isPresent()) {
      try {
        Have theirs = Messages.have(body, fetch.get().pieces().count());
        ours = fetch.get().have();
        fetch.get().heard(guest, theirs);
      } catch (IOException e) {
        answer(ctx, keep, 400, new byte[0]);
        return;
      }
    } else if (shares.store().has(digest)) {
      ours = new Have(0, new BitSet(), true, shares.uploads().load());
    } else {
      answer(ctx, keep, 404, new byte[0]);
      return;
    }
    answer(ctx, keep, 200, Messages.write(ours));
  }

  /** A piece in an open file. {@code done} is called once nobody reads it any more. */
  private record Source(FileChannel file, long offset, int length, Runnable done) {}

  private void send(
      ChannelHandlerContext ctx,
      boolean keep,
      Digest digest,
      int pieceSize,
      int piece,
      int progress) {
    Optional<Source> source = source(digest, pieceSize, piece);
    if (source.isEmpty()) {
      answer(ctx, keep, 404, new byte[0]);
      return;
    }
    // It is granted on this loop, so never before the lines below, even if it is due at once.
    ticket =
        shares
            .uploads()
            .offer(
                piece,
                progress,
                () -> ctx.executor().execute(() -> granted(ctx, keep, source.get())));
    if (ticket.isEmpty()) {
      source.get().done.run();
      answer(ctx, keep, 503, new byte[0]);
    } else {
      waiting = source.get();
    }
  }

  private Optional<Source> source(Digest digest, int pieceSize, int piece) {
    Optional<SwarmFetch> fetch = shares.fetches().find(digest);
    if (fetch.isPresent()) {
      PieceFile file = fetch.get().file();
      Pieces pieces = fetch.get().pieces();
      if (pieces.pieceSize() != pieceSize
          || piece >= pieces.count()
          || !file.has(piece)
          || !file.use()) {
        return Optional.empty();
      }
      return Optional.of(
          new Source(file.channel(), pieces.offset(piece), pieces.length(piece), file::close));
    }
    Optional<StoredBlob> blob = shares.store().find(digest);
    if (blob.isEmpty() || pieceSize <= 0 || (long) piece * pieceSize >= blob.get().size()) {
      return Optional.empty();
    }
    try {
      FileChannel file = FileChannel.open(blob.get().path(), StandardOpenOption.READ);
      Pieces pieces = new Pieces(blob.get().size(), pieceSize);
      return Optional.of(
          new Source(file, pieces.offset(piece), pieces.length(piece), () -> close(file)));
    } catch (IOException e) {
      return Optional.empty(); // evicted since it was found
    }
  }

  private static void close(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      log.warn("cannot close a file that was sent: {}", e.toString());
    }
  }

  private void granted(ChannelHandlerContext ctx, boolean keep, Source source) {
    ticket = Optional.empty();
    waiting = null;
    if (!ctx.channel().isActive()) {
      finished(source);
      return;
    }
    long delay = shares.uploads().delay(source.length, System.nanoTime());
    if (delay > 0) {
      Future<?> later =
          ctx.executor().schedule(() -> write(ctx, keep, source), delay, TimeUnit.NANOSECONDS);
      withdrawal = Optional.of(() -> withdraw(later, source));
    } else {
      write(ctx, keep, source);
    }
  }

  /** Who hangs up before its bytes may go leaves the uplink and its rate to the others. */
  private void withdraw(Future<?> later, Source source) {
    later.cancel(false);
    shares.uploads().spared(source.length);
    finished(source);
  }

  private void write(ChannelHandlerContext ctx, boolean keep, Source source) {
    withdrawal = Optional.empty();
    DefaultHttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_OCTET_STREAM)
        .set(HttpHeaderNames.CONTENT_LENGTH, source.length)
        .set(SwarmHeaders.LOAD, shares.uploads().load());
    ctx.write(head);
    ctx.write(
        new DefaultFileRegion(source.file, source.offset, source.length) {
          @Override
          protected void deallocate() {
            // Closed by its owner, which may be sending other pieces of it.
          }
        });
    ChannelFuture written = ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    written.addListener(
        f -> {
          if (f.isSuccess()) {
            shares.counters().toPeers.add(source.length);
          }
          finished(source);
          busy = false;
          if (!keep || !f.isSuccess()) {
            ctx.close();
          }
        });
  }

  private void finished(Source source) {
    source.done.run();
    shares.uploads().sent();
  }

  private void answer(ChannelHandlerContext ctx, boolean keep, int status, byte[] body) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(SwarmHeaders.LOAD, shares.uploads().load());
    if (body.length > 0) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    }
    ctx.writeAndFlush(response)
        .addListener(
            f -> {
              busy = false;
              if (!keep || !f.isSuccess()) {
                ctx.close();
              }
            });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent) {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    // Gives up the place in the queue. An upload that is on its way already ends by itself.
    if (ticket.isPresent() && shares.uploads().gone(ticket.get())) {
      waiting.done.run();
    }
    ticket = Optional.empty();
    withdrawal.ifPresent(Runnable::run);
    withdrawal = Optional.empty();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("a peer's connection failed", cause);
    ctx.close();
  }
}
