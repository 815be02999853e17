package io.springtide.scheduler.order;

import io.springtide.scheduler.config.BackOff;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** When what a cloud has not answered is sent again: ever more slowly, until it is forgotten. */
final class Repeats {
  private record Try(int tries, Instant at, Instant next) {}

  private final BackOff wait;
  private final Map<String, Try> tries = new HashMap<>();

  Repeats(BackOff wait) {
    this.wait = wait;
  }

  /** Whether it was never sent, or long enough ago. */
  boolean due(String what, Instant now) {
    Try last = tries.get(what);
    return last == null || !now.isBefore(last.next());
  }

  void sent(String what, Instant now) {
    int before = tries.containsKey(what) ? tries.get(what).tries() : 0;
    tries.put(what, new Try(before + 1, now, now.plus(wait.after(before))));
  }

  /** When it is sent again; empty if it was never sent. */
  Optional<Instant> next(String what) {
    return Optional.ofNullable(tries.get(what)).map(Try::next);
  }

  /** How often it was sent. */
  int times(String what) {
    return tries.containsKey(what) ? tries.get(what).tries() : 0;
  }

  /** When it was last sent; empty if it never was. */
  Optional<Instant> last(String what) {
    return Optional.ofNullable(tries.get(what)).map(Try::at);
  }

  void forget(String what) {
    tries.remove(what);
  }
}
