package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaseTest extends OnZooKeeper {
  private static final Duration SESSION = Duration.ofSeconds(10);
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> lost = new ArrayList<>();

  @Test
  void whoSleptForLongerThanItsSessionDoesNotSayThatItLeadsUntilZooKeeperDoes() throws Exception {
    Lease lease = lease(opened().epoch());
    assertThat(lease.holds()).isTrue();
    nanos.addAndGet(SESSION.toNanos() - 1);
    assertThat(lease.holds()).isTrue();
    nanos.addAndGet(1);
    assertThat(lease.holds()).as("it has just woken up").isFalse();
    lease.ask();
    assertThat(lease.holds()).isTrue();
    assertThat(lost).isEmpty();
  }

  @Test
  void whoIsNotTheLastToHaveTakenAnEpochDoesNotLead() throws Exception {
    Lease old = lease(opened().epoch());
    opened();
    nanos.addAndGet(SESSION.toNanos());
    old.ask();
    assertThat(old.holds()).isFalse();
    assertThat(lost).containsExactly("another process leads now: its epoch is 2");
  }

  private Lease lease(long epoch) {
    return new Lease(curator, epoch, SESSION, nanos::get, lost::add);
  }

  private CommitLog opened() throws Exception {
    CommitLog log = new CommitLog(curator, Duration.ofSeconds(10));
    log.open();
    return log;
  }
}
