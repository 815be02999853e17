package io.springtide.registry.peer;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.Exchange;
import io.springtide.registry.http.Reply;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.Why;
import io.springtide.registry.peer.Neighbours.Neighbour;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Download;
import io.springtide.registry.swarm.Download.Ask;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Have;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.PeerAddress;
import io.springtide.registry.tracker.PieceHashes;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One blob on its way through a swarm: carries out what {@link Download} decides. Pieces land in
 * the file of the blob's fill, which is given the bytes in their order as far as they are whole; so
 * the client streams, and the digest is verified, as with any other source. Lives on one event
 * loop; gives up in favour of the proxy alone when nothing comes any more.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class SwarmFetch implements Exchange {
  private static final Logger log = LoggerFactory.getLogger(SwarmFetch.class);
  private static final long TICK_MILLIS = 50;

  /** A whole blob that could not be kept is served for so long. */
  private static final long LINGER_NANOS = 60_000_000_000L;

  private static final byte[] NO_BODY = {};

  private final HostPeer host;
  private final Digest digest;
  private final String repository;
  private final EventLoop loop;
  private final InOrder out;
  private final Pieces pieces;
  private final PieceHashes hashes;
  private final Download download;
  private final Neighbours neighbours;
  private final Gossip gossip;
  private final Set<Flight> flights = new HashSet<>();
  private final Set<String> liars = new HashSet<>();
  private volatile PieceFile file;
  private BooleanSupplier failed = () -> false;
  private volatile boolean over;
  private String admission;
  private ScheduledFuture<?> ticking;
  private boolean announcing;
  private long announceAt;
  private long progress;

  SwarmFetch(
      HostPeer host,
      Digest digest,
      String repository,
      EventLoop loop,
      ResponseListener out,
      Introduction introduction) {
    long now = System.nanoTime();
    this.host = host;
    this.digest = digest;
    this.repository = repository;
    this.loop = loop;
    this.pieces = new Pieces(introduction.size(), introduction.pieceSize());
    this.out = new InOrder(pieces, out, () -> over);
    this.hashes = new PieceHashes(pieces);
    this.download =
        new Download(pieces.count(), host.rules(), now ^ System.identityHashCode(this), now);
    this.neighbours = new Neighbours(download, pieces.count());
    this.gossip = new Gossip(this, host.connections(), neighbours);
    this.progress = now;
  }

  Digest digest() {
    return digest;
  }

  /**
   * Begins; on the loop.
   *
   * @return false if the blob is not arriving into a file: then it must be fetched without pieces,
   *     and its head is told already
   */
  boolean start(Introduction introduction) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_LENGTH, pieces.size());
    out.head(headers, this);
    if (over) {
      return true; // no room: whoever wanted it goes another way
    }
    Optional<PeerFiles.Arriving> arriving = host.files().open(digest, () -> post(this::retire));
    if (arriving.isEmpty()) {
      over = true;
      return false;
    }
    failed = arriving.get().failed();
    file = new PieceFile(arriving.get().file(), arriving.get().release(), pieces);
    host.began(this);
    ticking =
        loop.scheduleWithFixedDelay(
            () -> guarded(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    announceAt = System.nanoTime();
    introduced(introduction);
    return true;
  }

  /** Runs on the fetch's loop, if it is still at it. */
  void post(Runnable action) {
    try {
      loop.execute(() -> guarded(action));
    } catch (RejectedExecutionException e) {
      over = true; // the peer stops
    }
  }

  /** As {@link #post}, {@code millis} from now. */
  void later(long millis, Runnable action) {
    loop.schedule(() -> guarded(action), millis, TimeUnit.MILLISECONDS);
  }

  /** A defect of ours must cost this fetch, not leave its clients waiting for ever. */
  private void guarded(Runnable action) {
    if (over) {
      return;
    }
    try {
      action.run();
    } catch (RejectedExecutionException e) {
      close(); // the peer stops
    } catch (RuntimeException e) {
      log.error("{} from a swarm was given up", digest, e);
      giveUp(new IOException("the swarm failed", e));
    }
  }

  private void tick() {
    long now = System.nanoTime();
    for (Flight flight : List.copyOf(flights)) {
      if (now - flight.since > host.limits().piece().toNanos()) {
        // One that sends a byte now and then is no better than one that sends none.
        drop(flight, "is too slow");
      }
    }
    retire();
    if (over) {
      return;
    }
    if (!out.isComplete() && now - progress > host.limits().giveUp().toNanos()) {
      giveUp(new IOException("nothing came from the swarm for long"));
      return;
    }
    if (!out.isComplete() && !announcing && now - announceAt >= 0) {
      announce();
    }
    pump();
  }

  /** Asks for what is wanted next, and hands on what is there. */
  void pump() {
    long now = System.nanoTime();
    for (Optional<Ask> ask = download.next(now); ask.isPresent(); ask = download.next(now)) {
      askNeighbour(ask.get(), now);
    }
    while (download.askOrigin(now)) {
      Flight flight = new Flight(this, file, Flight.ORIGIN, -1, NO_BODY, now);
      flights.add(flight);
      Messages.Ask ask =
          new Messages.Ask(host.self().id(), download.heldForOrigin(), download.isStuck(now));
      host.proxy().piece(repository, digest, ask, flight);
    }
    handOn();
  }

  private void askNeighbour(Ask ask, long now) {
    Optional<Neighbour> neighbour = neighbours.find(ask.neighbour());
    if (neighbour.isEmpty()) {
      download.gone(ask.neighbour());
      return;
    }
    Flight flight =
        new Flight(this, file, ask.neighbour(), ask.piece(), hashes.of(ask.piece()), now);
    flights.add(flight);
    URI uri =
        neighbour
            .get()
            .address
            .uri(
                "/swarm/pieces/"
                    + digest
                    + "/"
                    + pieces.pieceSize()
                    + "/"
                    + ask.piece()
                    + "?progress="
                    + download.count());
    host.connections().send(HttpMethod.GET, uri, headers(), NO_BODY, flight);
  }

  /** Of what we ask of other peers: by whose leave. */
  HttpHeaders headers() {
    return new DefaultHttpHeaders().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + admission);
  }

  // What becomes of flights.

  void landed(Flight flight, int load) {
    if (!flights.remove(flight)) {
      return; // given up meanwhile
    }
    int piece = flight.piece();
    long now = System.nanoTime();
    if (!file.has(piece)) {
      Flight other = file.writer(piece);
      if (other != null && other != flight) {
        // Its bytes come too late, and must not be written over those that are verified.
        flights.remove(other);
        other.abandon();
        land(other, now);
      }
      try {
        flight.store();
      } catch (IOException e) {
        cannotWrite(e);
        return;
      }
      file.verified(piece);
      (flight.from == Flight.ORIGIN ? host.counters().fromProxy : host.counters().fromPeers)
          .add(pieces.length(piece));
      progress = now;
    }
    if (flight.from == Flight.ORIGIN) {
      hashes.addAll(piece, flight.expected());
      download.originAnswered(now);
    }
    if (download.arrived(flight.from, piece, load, now)) {
      neighbours.checkable(hashes.count());
      neighbours.curious().forEach(gossip::tell);
    }
    pump();
  }

  /** What was asked is not under way any more. */
  private void land(Flight flight, long again) {
    if (flight.from == Flight.ORIGIN) {
      download.originAnswered(again);
    } else {
      download.refused(flight.from, flight.piece(), 1);
    }
  }

  void nothing(Flight flight, long again) {
    if (!flights.remove(flight)) {
      return; // given up meanwhile
    }
    download.originAnswered(System.nanoTime() + again);
    pump();
  }

  void refused(Flight flight, int status, int load) {
    if (!flights.remove(flight)) {
      return; // given up meanwhile
    }
    long now = System.nanoTime();
    if (flight.from != Flight.ORIGIN && status == 503) {
      download.refused(flight.from, flight.piece(), load);
      return; // the next tick asks somebody else, or the same one again
    }
    land(flight, now + host.rules().stall());
    if (flight.from == Flight.ORIGIN) {
      announceAt = now; // a proxy that started anew knows nothing of us
    } else {
      neighbours.drop(flight.from, now);
    }
    pump();
  }

  void broken(Flight flight, IOException why) {
    if (!flights.remove(flight)) {
      return; // given up meanwhile
    }
    drop(flight, Why.of(why));
    pump();
  }

  private void drop(Flight flight, String why) {
    long now = System.nanoTime();
    flights.remove(flight);
    flight.abandon();
    land(flight, now + host.rules().stall());
    if (flight.from != Flight.ORIGIN) {
      neighbours
          .find(flight.from)
          .ifPresent(neighbour -> log.info("{}: without {}: {}", digest, neighbour.address, why));
      neighbours.drop(flight.from, now);
    }
  }

  void lied(Flight flight) {
    if (!flights.remove(flight)) {
      return; // given up meanwhile
    }
    host.counters().lies.increment();
    Optional<Neighbour> liar = neighbours.find(flight.from);
    if (liar.isPresent()) {
      PeerAddress address = liar.get().address;
      log.warn("{} sent other bytes for piece {} of {}", address, flight.piece(), digest);
      download.lied(flight.from, flight.piece());
      neighbours.drop(flight.from, System.nanoTime());
      liars.add(address.id());
      host.ban(address.id());
      announceAt = System.nanoTime();
    } else {
      land(flight, System.nanoTime() + host.rules().stall());
    }
    pump();
  }

  void cannotWrite(IOException why) {
    giveUp(new IOException("cannot write a piece: " + Why.of(why), why));
  }

  /**
   * In order, to whoever waits for the bytes: a piece at a time, so that others have their turn.
   */
  private void handOn() {
    if (over || out.isComplete() || out.pieces() >= download.inOrder()) {
      return;
    }
    try {
      out.next(file.channel());
    } catch (IOException e) {
      giveUp(new IOException("cannot read a piece: " + Why.of(e), e));
      return;
    }
    if (out.isComplete()) {
      host.reportSoon();
    } else if (!over && out.pieces() < download.inOrder()) {
      post(this::handOn);
    }
  }

  // The tracker.

  private void announce() {
    announcing = true;
    Announce announce =
        new Announce(host.self(), download.held(), hashes.count(), true, Set.copyOf(liars));
    host.proxy()
        .announce(repository, digest, announce)
        .whenComplete((reply, error) -> post(() -> announced(reply, error)));
  }

  private void announced(Reply reply, Throwable error) {
    announcing = false;
    announceAt = System.nanoTime() + host.limits().announce().toNanos();
    boolean down = error != null || reply.status() == 503 || reply.status() == 429;
    if (down) {
      return; // the neighbours go on meanwhile; too long without any piece ends it
    }
    if (reply.status() != 200) {
      giveUp(new IOException("the proxy answered " + reply.status()));
      return;
    }
    try {
      Messages.introduction(reply.body()).ifPresent(this::introduced);
    } catch (IOException e) {
      log.warn("the proxy's answer about {} cannot be read: {}", digest, e.getMessage());
    }
    pump();
  }

  private void introduced(Introduction introduction) {
    if (introduction.size() != pieces.size() || introduction.pieceSize() != pieces.pieceSize()) {
      giveUp(new IOException("the proxy cuts " + digest + " in another way now"));
      return;
    }
    admission = introduction.admission();
    host.guests().key(introduction.key());
    if (introduction.hashesFrom() <= hashes.count()) {
      hashes.addAll(introduction.hashesFrom(), introduction.hashes());
    }
    long now = System.nanoTime();
    if (!hashes.isComplete()) {
      announceAt = now + host.limits().announceFilling().toNanos();
    }
    for (Messages.Neighbour other : introduction.neighbours()) {
      PeerAddress address = other.address();
      if (!address.id().equals(host.self().id()) && !host.guests().isBanned(address.id())) {
        neighbours.heard(address, other.have(), 0, now).ifPresent(gossip::greet);
      }
    }
    neighbours.checkable(hashes.count());
    if (!announcing) {
      pump();
    }
  }

  // The neighbours.

  /** A peer that the proxy admitted says what it has. Any thread. */
  void heard(PeerAddress guest, Have have) {
    post(
        () -> {
          long now = System.nanoTime();
          neighbours
              .heard(guest, have.have(), have.load(), now)
              // Its news came with the question, ours went with the answer.
              .ifPresent(neighbour -> neighbour.mustTell = neighbour.telling);
          pump();
        });
  }

  /** What we have. Any thread. */
  Have have() {
    return new Have(pieces.pieceSize(), file.held(), false, host.uploads().load());
  }

  Pieces pieces() {
    return pieces;
  }

  /** The file with the pieces; its user must {@link PieceFile#use} it. Any thread. */
  PieceFile file() {
    return file;
  }

  // The end.

  /** Whole and in the store, or given up by whoever wanted it: others are served from there. */
  private void retire() {
    boolean kept = host.stored(digest);
    boolean never = System.nanoTime() - progress > LINGER_NANOS;
    if (failed.getAsBoolean() || (out.isComplete() && (kept || never))) {
      close();
    }
  }

  private void giveUp(IOException why) {
    if (over) {
      return;
    }
    log.info("{}: on from the proxy alone at piece {}: {}", digest, out.pieces(), Why.of(why));
    close();
    if (!out.isComplete()) {
      host.counters().straight.increment();
      out.failed(why);
    }
  }

  private void close() {
    if (over) {
      return;
    }
    over = true;
    host.ended(this);
    if (ticking != null) {
      ticking.cancel(false);
    }
    List.copyOf(flights).forEach(Flight::abandon);
    flights.clear();
    if (file != null) {
      file.close();
    }
  }

  @Override
  public void cancel() {
    if (loop.inEventLoop()) {
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
