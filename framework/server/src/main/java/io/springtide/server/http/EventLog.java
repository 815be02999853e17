package io.springtide.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.springtide.scheduler.view.ClusterView;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The last events of one leader, kept once for all who read them. Each view is compared with the
 * one before it once, however many readers there are; what is kept is bounded by number and by
 * bytes, and whoever is behind what is kept is told so.
 *
 * <p>An id is the leader's mark and a number that rises by one. The mark is drawn when the log
 * begins, so that another leader's ids are never taken for this one's.
 */
final class EventLog {
  /** The most events that are kept. */
  static final int MOST_EVENTS = 10_000;

  /** The most bytes of their data together. */
  static final long MOST_BYTES = 16L << 20;

  /**
   * Something that was told.
   *
   * @param at when it was seen
   * @param data JSON
   */
  record Entry(long number, Instant at, String event, String data, int bytes) {}

  /**
   * What follows a place in the log.
   *
   * @param entries in order; none: nothing yet
   * @param missed whether something between was thrown away; then nothing is given, and {@code
   *     last} and {@code version} say where to go on
   * @param last the number of the newest that there is
   * @param version of the view with which all that is in the log was told
   */
  record Rest(List<Entry> entries, boolean missed, long last, long version) {
    /** The same place, for who comes from one that is not known. */
    Rest thoughMissed() {
      return new Rest(List.of(), true, last, version);
    }
  }

  private final String mark;
  private final Supplier<ClusterView> views;
  private final InstantSource clock;
  private final int mostEvents;
  private final long mostBytes;

  /** By number modulo its length. */
  private final Entry[] kept;

  /** The number of the oldest that is kept; one more than the last if none is. */
  private long first = 1;

  private long last;
  private long bytes;
  private long comparisons;
  private boolean closed;

  /** Of who compares: the log can be read meanwhile. */
  private final Object looking = new Object();

  private ClusterView told;

  /**
   * Begins with what there is, which is not told any more.
   *
   * @param mark no other leader's
   * @param views the newest view that is durable
   */
  EventLog(String mark, Supplier<ClusterView> views, InstantSource clock) {
    this(mark, views, clock, MOST_EVENTS, MOST_BYTES);
  }

  EventLog(
      String mark,
      Supplier<ClusterView> views,
      InstantSource clock,
      int mostEvents,
      long mostBytes) {
    this.mark = mark;
    this.views = views;
    this.told = views.get();
    this.clock = clock;
    this.mostEvents = mostEvents;
    this.mostBytes = mostBytes;
    this.kept = new Entry[mostEvents];
  }

  /** Tells what is otherwise than when somebody last looked. */
  @SuppressWarnings("ReferenceEquality") // The same view again is no news; comparing would cost.
  void look() {
    synchronized (looking) {
      ClusterView before = told();
      ClusterView next = views.get();
      if (next == before) {
        return;
      }
      List<News> all = News.between(before, next);
      List<Entry> entries = new ArrayList<>(all.size());
      Instant at = clock.instant();
      long number = end().last();
      for (News news : all) {
        String data = news.data().toString();
        entries.add(new Entry(++number, at, news.event(), data, data.getBytes(UTF_8).length));
      }
      told(next, entries);
    }
  }

  private synchronized ClusterView told() {
    return told;
  }

  private synchronized void told(ClusterView next, List<Entry> entries) {
    entries.forEach(this::keep);
    told = next;
    comparisons++;
    notifyAll();
  }

  private void keep(Entry entry) {
    if (entry.number() - first >= mostEvents) {
      forgetFirst();
    }
    last = entry.number();
    kept[slot(last)] = entry;
    bytes += entry.bytes();
    while (bytes > mostBytes) {
      forgetFirst();
    }
  }

  private void forgetFirst() {
    bytes -= kept[slot(first)].bytes();
    kept[slot(first)] = null;
    first++;
  }

  private int slot(long number) {
    return (int) (number % kept.length);
  }

  /** The id of an event. */
  String id(long number) {
    return mark + "-" + number;
  }

  /**
   * The number that an id stands for; empty if it is none of this log's. Whether what follows it is
   * still kept is another question.
   */
  synchronized Optional<Long> number(String id) {
    String start = mark + "-";
    String number = id.startsWith(start) ? id.substring(start.length()) : "";
    if (!number.matches("\\d{1,18}") || Long.parseLong(number) > last) {
      return Optional.empty();
    }
    return Optional.of(Long.parseLong(number));
  }

  /** Where the log ends, for who begins to read. */
  synchronized Rest end() {
    return new Rest(List.of(), false, last, told.version());
  }

  /** Before the oldest event that is kept. */
  synchronized long beginning() {
    return first - 1;
  }

  /** What follows that number, at most so many. */
  synchronized Rest after(long number, int most) {
    boolean missed = number < first - 1;
    List<Entry> some = new ArrayList<>();
    for (long next = number + 1; !missed && next <= last && some.size() < most; next++) {
      some.add(kept[slot(next)]);
    }
    return new Rest(some, missed, last, told.version());
  }

  /** The same, once there is something, the patience is over, or the log is closed. */
  synchronized Rest await(long number, int most, long patienceMillis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    while (last == number && !closed) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return after(number, most);
  }

  /** How often two views were compared. */
  synchronized long comparisons() {
    return comparisons;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Nobody waits any more. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
