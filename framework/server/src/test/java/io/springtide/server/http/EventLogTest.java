package io.springtide.server.http;

import static io.springtide.server.DocumentTree.yaml;
import static io.springtide.server.VirtualCore.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.server.VirtualCore;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of what happened, in virtual time. */
class EventLogTest {
  private final VirtualCore core = new VirtualCore(CoreConfig.of("executor"), effect -> {});
  private final InstantSource clock = core::now;

  private EventLog log(int mostEvents, long mostBytes) {
    return new EventLog("aa", core::view, clock, mostEvents, mostBytes);
  }

  /** Something happens that is one event. */
  private void happens(EventLog log, String pool) {
    done(core.putPool(yaml("{name: %s, kind: owned, selector: {a: %s}}".formatted(pool, pool))));
    log.look();
  }

  @Test
  void whoComesBackGoesOnBehindWhatItKnows() {
    EventLog log = log(10, 10_000);
    for (String pool : List.of("p1", "p2", "p3")) {
      happens(log, pool);
    }
    assertThat(log.id(2)).isEqualTo("aa-2");
    assertThat(log.number("aa-2")).contains(2L);
    EventLog.Rest rest = log.after(2, 10);
    assertThat(rest.entries())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.data()).contains("p3");
              assertThat(one.at()).isEqualTo(core.now());
            });
    assertThat(rest.version()).isEqualTo(core.version());
    assertThat(log.after(0, 2).entries()).as("at most so many").hasSize(2);
    assertThat(log.after(3, 10).entries()).isEmpty();
    assertThat(log.after(3, 10).missed()).isFalse();
  }

  @Test
  void onlySoManyAreKeptAndWhoIsBehindIsTold() {
    EventLog log = log(3, 10_000);
    for (int i = 1; i <= 5; i++) {
      happens(log, "p" + i);
    }
    assertThat(log.beginning()).isEqualTo(2);
    assertThat(log.after(1, 10).missed()).as("the second is gone").isTrue();
    assertThat(log.after(1, 10).entries()).isEmpty();
    assertThat(log.after(2, 10).missed()).as("the third is there").isFalse();
    assertThat(log.after(2, 10).entries()).hasSize(3);
  }

  @Test
  void onlySoManyBytesAreKept() {
    EventLog log = log(1000, 1000);
    for (int i = 1; i <= 20; i++) {
      happens(log, "p" + i);
    }
    List<EventLog.Entry> kept = log.after(log.beginning(), 1000).entries();
    assertThat(kept).isNotEmpty().hasSizeLessThan(20);
    assertThat(kept.stream().mapToInt(EventLog.Entry::bytes).sum()).isLessThanOrEqualTo(1000);
    EventLog none = log(1000, 10);
    happens(none, "q");
    assertThat(none.after(0, 10).missed()).as("larger than all that is kept").isTrue();
    assertThat(none.after(1, 10).missed()).isFalse();
  }

  @Test
  void anotherLeadersIdsAreNoneOfOurs() {
    EventLog log = log(10, 10_000);
    happens(log, "p1");
    EventLog next = new EventLog("bb", core::view, clock);
    happens(next, "p2");
    assertThat(next.number(log.id(1))).isEmpty();
    assertThat(log.number("aa-1")).contains(1L);
    for (String id :
        List.of("aa-2", "aa-", "aa", "", "aa--1", "aa-x", "1", "aa-9" + "9".repeat(30))) {
      assertThat(log.number(id)).as(id).isEmpty();
    }
  }

  @Test
  void aViewIsComparedOnceHoweverManyLook() {
    EventLog log = log(10, 10_000);
    done(core.putPool(yaml("{name: p1, kind: owned, selector: {a: b}}")));
    var view = core.view();
    EventLog many = new EventLog("aa", () -> view, clock);
    assertThat(many.comparisons()).as("it begins there").isZero();
    for (int reader = 0; reader < 200; reader++) {
      many.look();
      assertThat(many.after(0, 10).entries()).isEmpty();
    }
    assertThat(many.comparisons()).isZero();
    log.look();
    for (int reader = 0; reader < 200; reader++) {
      assertThat(log.after(0, 10).entries()).hasSize(1);
    }
    assertThat(log.comparisons()).isEqualTo(1);
  }

  @Test
  void whoWaitsIsWokenByTheEnd() throws InterruptedException {
    EventLog log = log(10, 10_000);
    log.close();
    assertThat(log.await(0, 10, 1_000_000).entries()).isEmpty();
    assertThat(log.isClosed()).isTrue();
  }
}
