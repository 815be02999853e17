package io.springtide.harness.sim.images;

import io.springtide.registry.swarm.Download;
import io.springtide.registry.swarm.Download.Ask;
import io.springtide.registry.swarm.OriginShare;
import io.springtide.registry.swarm.PeerGraph;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.swarm.SwarmRules;
import io.springtide.registry.swarm.UploadQueue;
import io.springtide.registry.swarm.UploadQueue.Request;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.DoubleConsumer;

/**
 * Runs the peers on virtual time. A piece occupies its sender's uplink for size/rate, travels for
 * the latency of both ends, and occupies its receiver's downlink for size/rate, where pieces wait
 * for one another: both capacities hold, and a slow sender does not block a fast receiver.
 * Requests, refusals and announcements travel for the same latency.
 */
final class SwarmSim {
  private static final int ORIGIN = -1;
  private static final long TICK = 50_000_000L;
  private static final long STEPS_BETWEEN_NEWS = 100_000;

  private interface Action {
    void run();
  }

  private record Event(long at, long order, Action action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private final Fleet fleet;
  private final Pieces pieces;
  private final SwarmRules rules;
  private final PeerGraph graph;
  private final OriginShare origin;
  private final PriorityQueue<Event> events = new PriorityQueue<>(1 << 16);
  private final Download[] downloads;
  private final UploadQueue[] uploads;
  private final long[] downFree;
  private final long[] finished;
  private final Deque<Integer> originQueue = new ArrayDeque<>();
  private boolean originBusy;
  private long now;
  private long order;
  private int unfinished;
  private long originBytes;
  private long delivered;

  SwarmSim(Fleet fleet, Pieces pieces, SwarmRules rules, long seed) {
    this.fleet = fleet;
    this.pieces = pieces;
    this.rules = rules;
    this.graph = new PeerGraph(rules, seed);
    this.origin = new OriginShare(pieces.count(), rules);
    int all = fleet.up.length;
    downloads = new Download[all];
    uploads = new UploadQueue[all];
    downFree = new long[all];
    finished = new long[all];
    for (int i = 0; i < all; i++) {
      int host = i;
      at(fleet.joins[i], () -> join(host, seed));
      if (fleet.leaves[i] != Long.MAX_VALUE) {
        at(fleet.leaves[i], () -> leave(host));
      } else {
        unfinished++;
      }
    }
  }

  /**
   * Time from joining to having it all, in seconds, of those who stayed, sorted.
   *
   * @param progress told now and then which share of all pieces has arrived
   */
  double[] run(DoubleConsumer progress) {
    double all = (double) fleet.up.length * pieces.count();
    for (long steps = 0; unfinished > 0; steps++) {
      if (steps % STEPS_BETWEEN_NEWS == 0) {
        progress.accept(delivered / all);
      }
      Event event = events.poll();
      if (event == null) {
        throw new IllegalStateException(unfinished + " hosts never finish");
      }
      now = event.at;
      event.action.run();
    }
    double[] times = new double[finished.length];
    int count = 0;
    for (int i = 0; i < finished.length; i++) {
      if (fleet.leaves[i] == Long.MAX_VALUE) {
        times[count++] = (finished[i] - fleet.joins[i]) / 1e9;
      }
    }
    double[] sorted = Arrays.copyOf(times, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** What the origin sent, as copies of the image. */
  double originCopies() {
    return (double) originBytes / pieces.size();
  }

  private void at(long time, Action action) {
    events.add(new Event(time, order++, action));
  }

  private boolean present(int host) {
    return downloads[host] != null;
  }

  private long latency(int one, int other) {
    return (one == ORIGIN ? 250_000 : fleet.latency[one])
        + (other == ORIGIN ? 250_000 : fleet.latency[other]);
  }

  private void join(int host, long seed) {
    downloads[host] = new Download(pieces.count(), rules, seed * 31 + host, now);
    uploads[host] = new UploadQueue(rules.uploadQueue(), rules.uploadSlots());
    meet(host, graph.join(host, List.of(fleet.racks[host])));
    at(now + TICK, () -> tick(host));
    pump(host);
  }

  private void meet(int host, Set<Integer> others) {
    for (int other : others) {
      downloads[host].joined(other, downloads[other].held());
      downloads[other].joined(host, downloads[host].held());
    }
  }

  private void leave(int host) {
    downloads[host] = null;
    for (int other : graph.leave(host)) {
      // A broken connection shows at once; a silent death only as late pieces.
      downloads[other].gone(host);
      uploads[other].gone(host);
      meet(other, graph.refill(other));
      pump(other);
    }
  }

  private void tick(int host) {
    if (present(host) && !downloads[host].isComplete()) {
      pump(host);
      at(now + TICK, () -> tick(host));
    }
  }

  private void pump(int host) {
    Download download = downloads[host];
    if (download.isComplete()) {
      return;
    }
    for (Optional<Ask> ask = download.next(now); ask.isPresent(); ask = download.next(now)) {
      int uploader = ask.get().neighbour();
      int piece = ask.get().piece();
      int progress = download.count();
      at(now + latency(host, uploader), () -> request(host, uploader, piece, progress));
    }
    while (download.askOrigin(now)) {
      at(now + latency(host, ORIGIN), () -> requestOrigin(host));
    }
  }

  private void request(int host, int uploader, int piece, int progress) {
    if (!present(uploader)) {
      return;
    }
    UploadQueue queue = uploads[uploader];
    if (queue.offer(new Request(host, piece, progress))) {
      upload(uploader);
    } else {
      int load = queue.load();
      at(
          now + latency(host, uploader),
          () -> {
            if (present(host)) {
              downloads[host].refused(uploader, piece, load);
              pump(host);
            }
          });
    }
  }

  private void upload(int uploader) {
    Optional<Request> next = uploads[uploader].next();
    if (next.isEmpty()) {
      return;
    }
    Request request = next.get();
    long end = now + nanos(pieces.length(request.piece()), fleet.up[uploader]);
    deliver(uploader, request.peer(), request.piece(), end);
    at(
        end,
        () -> {
          if (present(uploader)) {
            uploads[uploader].sent();
            upload(uploader);
          }
        });
  }

  private void requestOrigin(int host) {
    originQueue.add(host);
    serveOrigin();
  }

  private void serveOrigin() {
    while (!originBusy && !originQueue.isEmpty()) {
      int host = originQueue.poll();
      if (!present(host) || downloads[host].isComplete()) {
        continue;
      }
      Download download = downloads[host];
      OptionalInt piece =
          origin.give(download.heldForOrigin(), download.isStuck(now), pieces.count());
      if (piece.isEmpty()) {
        // Told to ask the neighbours; may come back when it is stuck.
        download.originAnswered(now + rules.stall());
        continue;
      }
      originBusy = true;
      originBytes += pieces.length(piece.getAsInt());
      long end = now + nanos(pieces.length(piece.getAsInt()), Fleet.ORIGIN_UP);
      deliver(ORIGIN, host, piece.getAsInt(), end);
      at(
          end,
          () -> {
            originBusy = false;
            serveOrigin();
          });
    }
  }

  /** {@code end}: when the last bit leaves the sender. */
  private void deliver(int from, int host, int piece, long end) {
    long transfer = nanos(pieces.length(piece), Fleet.DOWN);
    at(
        end + latency(from, host),
        () -> {
          long begin = Math.max(downFree[host], now - transfer);
          downFree[host] = begin + transfer;
          at(downFree[host], () -> arrived(from, host, piece));
        });
  }

  private void arrived(int from, int host, int piece) {
    if (!present(host)) {
      return;
    }
    Download download = downloads[host];
    if (from == ORIGIN) {
      download.originAnswered(now);
    }
    boolean fresh =
        download.arrived(
            from, piece, from == ORIGIN || !present(from) ? 0 : uploads[from].load(), now);
    if (fresh) {
      delivered++;
      int load = uploads[host].load();
      for (int other : graph.neighbours(host)) {
        at(now + latency(host, other), () -> announce(host, other, piece, load));
      }
      if (download.isComplete()) {
        finished[host] = now;
        if (fleet.leaves[host] == Long.MAX_VALUE) {
          unfinished--;
        }
      }
    }
    pump(host);
  }

  private void announce(int host, int other, int piece, int load) {
    if (present(other)) {
      Download download = downloads[other];
      if (!download.isComplete()) {
        download.announced(host, piece, load);
        pump(other);
      }
    }
  }

  private static long nanos(int bytes, double bitsPerSecond) {
    return (long) (bytes * 8e9 / bitsPerSecond);
  }
}
