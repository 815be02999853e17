package io.springtide.server.store;

import static io.springtide.server.store.StateStoreContract.commit;
import static io.springtide.server.store.StateStoreContract.counter;
import static io.springtide.server.store.StateStoreContract.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import io.springtide.testing.Patience;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A leader commits, and another follows it: at its own pace, or when the test says look. */
class TailTest extends OnZooKeeper {
  private final Told told = new Told();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private int foreign;

  /** What the tail says. */
  private static final class Told implements Tail.Reader {
    private final List<Change> changes = new ArrayList<>();
    private long version;
    private int restarts;
    private int commits;
    private int reached;

    @Override
    public synchronized void restart() {
      changes.clear();
      version = 0;
      restarts++;
    }

    @Override
    public synchronized void follow(Commit commit) {
      changes.addAll(commit.changes());
      version = commit.version();
      commits++;
    }

    @Override
    public synchronized void reached(long nanos) {
      reached++;
      notifyAll();
    }

    @Override
    public synchronized List<Change> durable() {
      return state(changes);
    }

    synchronized long version() {
      return version;
    }

    synchronized void await(long wanted) throws InterruptedException {
      long deadline = System.nanoTime() + Patience.limit().toNanos();
      while (version < wanted) {
        assertThat(System.nanoTime()).as("still at %d", version).isLessThan(deadline);
        wait(Patience.limit().toMillis());
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @Test
  void itFollowsEachCommitAndANewLeadersToo() throws Exception {
    StateStore first = leader();
    commit(first, 1, SampleState.everyChange());
    tail().start();
    assertThat(told.version()).as("by the end of start").isEqualTo(1);
    commit(first, 2, List.of(counter(2)));
    told.await(2);
    StateStore second = leader();
    commit(second, 3, List.of(counter(3)));
    told.await(3);
    assertThat(told.durable()).isEqualTo(state(store().load().changes()));
    assertThat(told.restarts).isEqualTo(1);
  }

  @Test
  void beforeAnybodyHasLedThereIsNothingAndThatIsKnown() {
    tail().look();
    assertThat(told.reached).isEqualTo(1);
    assertThat(told.version()).isZero();
  }

  @Test
  void whereTheLogWasCutUnderItTheSnapshotIsRead() {
    ZooKeeperStateStore leader = leader();
    commit(leader, 1, List.of(counter(1)));
    Tail tail = tail();
    tail.look();
    for (long version = 2; version <= 5; version++) {
      commit(leader, version, List.of(counter(version)));
      leader.snapshot().join();
    }
    commit(leader, 6, List.of(counter(6)));
    tail.look();
    assertThat(told.version()).isEqualTo(6);
    assertThat(told.restarts).isEqualTo(2);
    assertThat(told.durable()).containsExactly(counter(6));
    assertThat(tail.trouble()).isEmpty();
  }

  @Test
  void aCommitTooLargeForAZnodeIsFollowed() {
    byte[] bytes = new byte[1_500_000];
    new Random(7).nextBytes(bytes);
    Change large = new Change.FrameworkIdSet(HexFormat.of().formatHex(bytes));
    ZooKeeperStateStore leader = leader();
    Tail tail = tail();
    tail.look();
    commit(leader, 1, List.of(large));
    tail.look();
    assertThat(told.durable()).containsExactly(large);
  }

  @Test
  void whatIsDamagedIsToldAndGoneOnWithOnceItIsMended() throws Exception {
    ZooKeeperStateStore leader = leader();
    Tail tail = tail();
    tail.look();
    commit(leader, 1, List.of(counter(1)));
    commit(leader, 2, List.of(counter(2)));
    byte[] sound = curator.getData().forPath("/log/0000000002");
    curator.setData().forPath("/log/0000000002", new byte[] {'4', 'z', 1, 2, 3});
    int reached = told.reached;
    tail.look();
    assertThat(tail.trouble()).hasValueSatisfying(why -> assertThat(why).contains("Commit 2"));
    assertThat(told.version()).isEqualTo(1);
    assertThat(told.reached).as("it does not claim to be up to date").isEqualTo(reached);
    curator.setData().forPath("/log/0000000002", sound);
    tail.look();
    assertThat(tail.trouble()).isEmpty();
    assertThat(told.version()).isEqualTo(2);
  }

  @Test
  void whereTheNewestSnapshotIsDamagedTheOneBeforeItServesAndATakeoverKnows() throws Exception {
    ZooKeeperStateStore leader = leader();
    for (long version = 1; version <= 2; version++) {
      commit(leader, version, List.of(counter(version)));
      leader.snapshot().join();
    }
    curator.setData().forPath("/snapshots/1-2/000000", new byte[] {'4', 'z', 1, 2, 3});
    Tail tail = tail();
    tail.look();
    assertThat(told.durable()).containsExactly(counter(2));
    ZooKeeperStateStore next = store();
    next.takeOver(tail);
    // As a start from nothing does: a snapshot that is whole takes the damaged one's place.
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (!pointers().equals("2 2-2\n1 1-1")) {
      assertThat(System.nanoTime()).as(pointers()).isLessThan(deadline);
    }
  }

  private String pointers() throws Exception {
    return new String(curator.getData().forPath("/snapshot"), StandardCharsets.US_ASCII);
  }

  @Test
  void whoTakesOverReadsOnlyWhatWasNotYetFollowed() {
    ZooKeeperStateStore leader = leader();
    for (long version = 1; version <= 5; version++) {
      commit(leader, version, List.of(counter(version)));
    }
    Tail tail = tail();
    tail.look();
    commit(leader, 6, List.of(counter(6)));
    commit(leader, 7, List.of(counter(7)));
    int before = told.commits;
    ZooKeeperStateStore next = store();
    next.takeOver(tail);
    assertThat(told.commits - before).isEqualTo(2);
    assertThat(told.restarts).isEqualTo(1);
    assertThat(told.version()).isEqualTo(7);
    assertThatThrownBy(() -> commit(leader, 8, List.of(counter(8))))
        .hasMessageContaining("Another process leads now");
    commit(next, 8, List.of(counter(80)));
    next.snapshot().join();
    next.close();
    assertThat(state(store().load().changes())).containsExactly(counter(80));
  }

  @Test
  void whoHasFollowedNothingTakesOverAllTheSame() {
    ZooKeeperStateStore leader = leader();
    commit(leader, 1, List.of(counter(1)));
    leader.snapshot().join();
    commit(leader, 2, List.of(counter(2)));
    store().takeOver(tail());
    assertThat(told.durable()).containsExactly(counter(2));
  }

  /** A later release's store stands on the same ZooKeeper: this one is of the release before. */
  @Test
  void whatALaterReleaseStoresIsNotFollowedAndItIsSaidOnce() {
    ZooKeeperStateStore later = leader();
    commit(later, 1, List.of(counter(1)));
    Tail earlier = new Tail(curator, told, () -> foreign++, Formats.CURRENT - 1);
    opened.add(earlier);
    earlier.start();
    assertThat(earlier.isForeign()).isTrue();
    assertThat(foreign).isEqualTo(1);
    assertThat(told.version()).isZero();
    assertThat(told.reached).as("nothing is known").isZero();
    assertThat(earlier.trouble())
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .contains("format " + Formats.CURRENT)
                    .contains("none after " + (Formats.CURRENT - 1)));
  }

  private Tail tail() {
    Tail tail = new Tail(curator, told, () -> foreign++);
    opened.add(tail);
    return tail;
  }

  private ZooKeeperStateStore leader() {
    ZooKeeperStateStore store = store();
    store.load();
    return store;
  }

  private ZooKeeperStateStore store() {
    ZooKeeperStateStore store = new ZooKeeperStateStore(curator);
    opened.add(store);
    return store;
  }
}
