package io.springtide.registry.peer;

import io.netty.channel.EventLoop;
import io.springtide.registry.http.Reply;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.Messages.Present;
import io.springtide.registry.tracker.Messages.Self;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the tracker that this host is there and which blobs it has whole, and hears from it who may
 * be let in, how many hosts live, and from which size on blobs are shared. One report is under way
 * at a time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class TrackerReports {
  private static final Logger log = LoggerFactory.getLogger(TrackerReports.class);

  /** A report that tells of more blobs than this is cut: the tracker need not know them all. */
  private static final int MAX_BLOBS = 8000;

  private final ProxyLink proxy;
  private final BlobStore store;
  private final Guests guests;
  private final EventLoop loop;
  private final Self self;
  private final AtomicInteger taken = new AtomicInteger();
  private volatile int hosts;

  // Guarded by this.
  private Set<Digest> reported;
  private long minBlob;
  private boolean underWay;

  TrackerReports(ProxyLink proxy, BlobStore store, Guests guests, EventLoop loop, Self self) {
    this.proxy = proxy;
    this.store = store;
    this.guests = guests;
    this.loop = loop;
    this.self = self;
  }

  /** Reports at once and then every {@code millis}. */
  void begin(long millis) {
    loop.scheduleWithFixedDelay(this::report, 0, millis, TimeUnit.MILLISECONDS);
  }

  /** Something became whole: the tracker should know without waiting. */
  void soon() {
    loop.schedule(this::report, 200, TimeUnit.MILLISECONDS);
  }

  /** Live hosts, as the proxy last said. */
  int hosts() {
    return hosts;
  }

  /** Reports that the proxy took. */
  int taken() {
    return taken.get();
  }

  private void report() {
    Set<Digest> blobs = new HashSet<>();
    boolean news;
    synchronized (this) {
      if (underWay) {
        return;
      }
      underWay = true;
      for (StoredBlob blob : store.list()) {
        if (blob.size() >= Math.max(1, minBlob) && blobs.size() < MAX_BLOBS) {
          blobs.add(blob.digest());
        }
      }
      news = !blobs.equals(reported);
    }
    Presence presence = new Presence(self, news ? Optional.of(blobs) : Optional.empty());
    proxy.present(presence).whenComplete((reply, error) -> answered(blobs, reply, error));
  }

  private void answered(Set<Digest> blobs, Reply reply, Throwable error) {
    boolean again = false;
    synchronized (this) {
      underWay = false;
      if (error == null && reply.status() == 200) {
        try {
          Present present = Messages.present(reply.body());
          guests.key(present.key());
          hosts = present.hosts();
          taken.incrementAndGet();
          again = present.resend() || minBlob != present.minBlob();
          minBlob = present.minBlob();
          reported = present.resend() ? null : blobs;
        } catch (IOException e) {
          log.warn("the proxy's answer to a report cannot be read: {}", e.getMessage());
        }
      }
    }
    if (again) {
      soon();
    }
  }
}
