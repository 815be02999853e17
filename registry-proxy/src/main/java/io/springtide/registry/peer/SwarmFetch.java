package io.springtide.registry.peer;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.http.Why;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Download;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages.Have;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.PeerAddress;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One blob on its way through a swarm. Pieces land in the file of the blob's fill, which is given
 * the bytes in their order as far as they are whole; so the client streams, and the digest is
 * verified, as with any other source. Gives up in favour of the proxy alone when nothing comes any
 * more. What to ask whom for is {@link Download}'s to decide.
 */
final class SwarmFetch extends FetchLoop implements ServerExchange {
  private static final Logger log = LoggerFactory.getLogger(SwarmFetch.class);
  private static final long TICK_MILLIS = 50;

  /** A whole blob that could not be kept is served for so long. */
  private static final long LINGER_NANOS = 60_000_000_000L;

  private final PeerKit kit;
  private final SharedBlob blob;
  private final InOrder out;
  private final FetchAnnouncements announcements;
  private final Consumer<SwarmFetch> ended;
  private volatile PieceFile file;
  private Flights flights;
  private BooleanSupplier failed = () -> false;
  private ScheduledFuture<?> ticking;

  /** {@code ended}: called once it needs nothing any more, if it ever had a file. */
  SwarmFetch(
      PeerKit kit,
      SharedBlob blob,
      EventLoop loop,
      ResponseListener out,
      Consumer<SwarmFetch> ended) {
    super(blob.digest, loop);
    this.kit = kit;
    this.blob = blob;
    this.out = new InOrder(blob.pieces, out, this::isOver);
    Gossip gossip = new Gossip(this, kit.connections(), blob, this::have);
    this.announcements = new FetchAnnouncements(this, kit, blob, gossip);
    this.ended = ended;
  }

  Digest digest() {
    return blob.digest;
  }

  /**
   * Tells the head, and finds the file into which the blob then arrives; on the loop.
   *
   * @return false if there is none: then it must be fetched without pieces, and its head is told
   *     already
   */
  boolean open() {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_LENGTH, blob.pieces.size());
    out.head(headers, this);
    if (isOver()) {
      return true; // no room: whoever wanted it goes another way
    }
    Optional<PeerFiles.Arriving> arriving = kit.files().open(blob.digest, () -> post(this::retire));
    if (arriving.isEmpty()) {
      end();
      return false;
    }
    failed = arriving.get().failed();
    file = new PieceFile(arriving.get().file(), arriving.get().release(), blob.pieces);
    flights = new Flights(this, kit, blob, file, announcements);
    return true;
  }

  /** Begins to ask; on the loop, after {@link #open}. */
  void begin(Introduction introduction) {
    ticking = every(TICK_MILLIS, this::tick);
    announcements.begin(introduction);
    pump();
  }

  private void tick() {
    long now = System.nanoTime();
    flights.dropSlow(now);
    retire();
    if (isOver()) {
      return;
    }
    if (!out.isComplete() && now - flights.progress() > kit.limits().giveUp().toNanos()) {
      giveUp(new IOException("nothing came from the swarm for long"));
      return;
    }
    if (!out.isComplete()) {
      announcements.announceIfDue(now);
    }
    pump();
  }

  @Override
  void pump() {
    if (!isOver()) {
      flights.ask();
      handOn();
    }
  }

  /**
   * In order, to whoever waits for the bytes: a piece at a time, so that others have their turn.
   */
  private void handOn() {
    if (isOver() || out.isComplete() || out.pieces() >= blob.download.inOrder()) {
      return;
    }
    try {
      out.next(file.channel());
    } catch (IOException e) {
      giveUp(new IOException("cannot read a piece: " + Why.of(e), e));
      return;
    }
    if (out.isComplete()) {
      kit.reports().soon();
    } else if (!isOver() && out.pieces() < blob.download.inOrder()) {
      post(this::handOn);
    }
  }

  /** A peer that the proxy admitted says what it has. Any thread. */
  void heard(PeerAddress guest, Have have) {
    post(
        () -> {
          blob.neighbours
              .heard(guest, have.have(), have.load(), System.nanoTime())
              // Both sides are up to date now: its pieces came with the request, ours went with the
              // answer.
              .ifPresent(neighbour -> neighbour.mustTell = neighbour.telling);
          pump();
        });
  }

  /** What we have. Any thread. */
  Have have() {
    return new Have(blob.pieces.pieceSize(), file.held(), false, kit.uploads().load());
  }

  Pieces pieces() {
    return blob.pieces;
  }

  /** The file with the pieces; its user must {@link PieceFile#use} it. Any thread. */
  PieceFile file() {
    return file;
  }

  /** Whole and in the store, or given up by whoever wanted it: others are served from there. */
  private void retire() {
    boolean kept = kit.store().has(blob.digest);
    boolean never = System.nanoTime() - flights.progress() > LINGER_NANOS;
    if (failed.getAsBoolean() || (out.isComplete() && (kept || never))) {
      close();
    }
  }

  @Override
  void giveUp(IOException why) {
    if (isOver()) {
      return;
    }
    log.info("{}: on from the proxy alone at piece {}: {}", blob.digest, out.pieces(), Why.of(why));
    close();
    if (!out.isComplete()) {
      kit.counters().straight.increment();
      out.failed(why);
    }
  }

  @Override
  void close() {
    if (isOver()) {
      return;
    }
    end();
    ended.accept(this);
    if (ticking != null) {
      ticking.cancel(false);
    }
    if (file != null) {
      flights.abandonAll();
      file.close();
    }
  }

  @Override
  public void cancel() {
    if (isHere()) {
      close();
    } else {
      post(this::close);
    }
  }

  @Override
  public void pause() {
    // A fill never does: it writes to the disk as fast as it comes.
  }

  @Override
  public void resume() {}
}
