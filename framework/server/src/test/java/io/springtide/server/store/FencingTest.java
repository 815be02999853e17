package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A leader sleeps, dies or loses an answer at each step of all that it does in ZooKeeper, while
 * others follow it: whatever was acknowledged stays, and who was deposed does no harm.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FencingTest {
  /** More than one znode holds, packed. */
  private static final Change LARGE = new Change.CounterSet(random(1_200_000), 1);

  private static final byte[] JAR = random(600_000).getBytes(US_ASCII);

  @TempDir static Path dir;
  private static EmbeddedZooKeeper zooKeeper;
  private static int namespaces;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private String namespace;

  /** What was acknowledged: the value of each counter. */
  private final Map<String, Long> durable = new TreeMap<>();

  private long version;

  /** What a leader does in several steps. */
  enum Action {
    OPEN {
      @Override
      void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator) {
        store.load();
      }
    },
    COMMIT {
      @Override
      void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator) {
        test.commit(store, counter("by the old leader"));
      }
    },
    LARGE_COMMIT {
      @Override
      void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator) {
        test.commit(store, LARGE);
      }
    },
    SNAPSHOT {
      @Override
      void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator) {
        snapshot(store);
      }
    },
    DESCRIPTION {
      @Override
      void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator) {
        new Shelf(curator, store).keep("springtide-1", new byte[] {1, 2, 3});
      }
    },
    JAR {
      @Override
      void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator) {
        new Shelf(curator, store).keepJar("cafe", FencingTest.JAR);
      }
    };

    abstract void run(FencingTest test, ZooKeeperStateStore store, CuratorFramework curator);
  }

  @BeforeAll
  static void start() {
    zooKeeper = EmbeddedZooKeeper.start(dir);
  }

  @AfterAll
  static void stop() {
    zooKeeper.close();
  }

  /** What becomes of one who acts, at one of the steps of it. */
  private interface Fateful {
    void act(Gate gate, ZooKeeperStateStore old, CuratorFramework curator, String when)
        throws Exception;
  }

  /**
   * Tells the story once for each step; returns how many there are, and one more without a fate.
   */
  private int atEachStep(Action action, Gate.Fate fate, String word, Fateful story)
      throws Exception {
    int step = 0;
    for (boolean more = true; more; step++) {
      Gate gate = begin(action);
      CuratorFramework curator = through(gate);
      ZooKeeperStateStore old = open(curator);
      if (action != Action.OPEN) {
        old.load();
      }
      gate.arm(step, fate);
      String when = action + " " + word + " at step " + step;
      story.act(gate, old, curator, when);
      more = gate.happened();
      everythingIsThere(action, when);
      end(gate);
    }
    return step;
  }

  @ParameterizedTest
  @EnumSource
  void whoSleepsAtAnyStepDoesNoHarmWhenItWakes(Action action) throws Exception {
    int steps =
        atEachStep(
            action,
            Gate.Fate.STALL,
            "asleep",
            (gate, old, curator, when) -> {
              CompletableFuture<Void> acting =
                  CompletableFuture.runAsync(() -> action.run(this, old, curator));
              CompletableFuture.anyOf(acting, CompletableFuture.runAsync(() -> await(gate))).get();
              if (gate.happened()) {
                successors(action);
                gate.open();
                wakes(action, acting, when);
              }
            });
    assertThat(steps).as("steps of %s", action).isGreaterThan(1);
  }

  private static void wakes(Action action, CompletableFuture<Void> acting, String when)
      throws Exception {
    if (action == Action.OPEN) {
      // Before it takes the epoch it is a successor like any other, and what it finds is right.
      assertThat(acting.handle((done, e) -> e == null ? "" : e.getMessage()).get())
          .as(when)
          .matches("|.*Another process leads now.*");
    } else {
      assertThatThrownBy(acting::join).as(when).hasMessageContaining("Another process leads now");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoDiesAtAnyStepLeavesWhatTheNextGoesOnWith(Action action) throws Exception {
    atEachStep(
        action,
        Gate.Fate.DIE,
        "dead",
        (gate, old, curator, when) -> {
          try {
            action.run(this, old, curator);
          } catch (StoreException | CompletionException e) {
            assertThat(e).as(when).hasMessageContaining("dies");
          }
          if (gate.happened()) {
            successors(action);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerLostAtAnyStepIsSettled(Action action) throws Exception {
    atEachStep(
        action,
        Gate.Fate.LOSE_ANSWER,
        "without an answer",
        (gate, old, curator, when) -> {
          action.run(this, old, curator);
          if (action != Action.OPEN) {
            commit(old, counter("afterwards"));
          }
        });
  }

  // ---- The story.

  /** A cluster with a past: two snapshots, a log after them, and things that were begun. */
  private Gate begin(Action action) throws Exception {
    namespace = "n" + ++namespaces;
    durable.clear();
    version = 0;
    try (CuratorFramework curator = connect();
        ZooKeeperStateStore first = new ZooKeeperStateStore(curator)) {
      first.load();
      commit(first, counter("a"));
      commit(first, counter("b"));
      snapshot(first);
      commit(first, counter("c"));
      if (action == Action.OPEN || action == Action.SNAPSHOT) {
        commit(first, LARGE);
      }
      snapshot(first);
      commit(first, counter("d"));
      for (String begun : List.of("/snapshots/1-99/000000", "/large/1-99/000000")) {
        curator.create().creatingParentsIfNeeded().forPath(begun);
      }
    }
    return new Gate();
  }

  /** A second leader and a third, who both do all that leaders do. */
  private void successors(Action action) throws Exception {
    for (String name : List.of("second", "third")) {
      try (CuratorFramework curator = connect();
          ZooKeeperStateStore store = new ZooKeeperStateStore(curator)) {
        found(store.load(), "the " + name);
        commit(store, counter(name + " 1"));
        snapshot(store);
        commit(store, counter(name + " 2"));
        snapshot(store);
        commit(store, counter(name + " 3"));
        if (action == Action.JAR) {
          new Shelf(curator, store).keepJar("cafe", JAR);
        }
      }
    }
  }

  private void everythingIsThere(Action action, String when) throws Exception {
    try (CuratorFramework curator = connect();
        ZooKeeperStateStore store = new ZooKeeperStateStore(curator)) {
      found(store.load(), "the last, " + when);
      // Nothing is left over, and the next snapshots find nothing in their way.
      assertThat(curator.getChildren().forPath("/snapshots")).as(when).hasSizeLessThanOrEqualTo(2);
      commit(store, counter("last 1"));
      snapshot(store);
      commit(store, counter("last 2"));
      snapshot(store);
      commit(store, counter("last 3"));
      assertThat(curator.getChildren().forPath("/snapshots")).as(when).hasSize(2);
      assertThat(curator.getChildren().forPath("/large")).as(when).isEmpty();
      assertThat(curator.getChildren().forPath("/log")).as(when).hasSize(2);
      if (action == Action.JAR) {
        new Shelf(curator, store).keepJar("cafe", JAR);
        assertThat(new Shelf(curator, store).jar("cafe")).as(when).contains(JAR);
      }
    }
    try (CuratorFramework curator = connect();
        ZooKeeperStateStore store = new ZooKeeperStateStore(curator)) {
      found(store.load(), "the very last, " + when);
    }
  }

  private void found(StateStore.Loaded loaded, String by) {
    Map<String, Long> state = state(loaded.changes());
    assertThat(state).as("what %s finds", by).containsAllEntriesOf(durable);
    durable.putAll(state);
    version = loaded.version();
  }

  private static Map<String, Long> state(List<Change> changes) {
    Map<String, Long> state = new TreeMap<>();
    for (Change change : changes) {
      Change.CounterSet set = (Change.CounterSet) change;
      state.put(set.name(), set.value());
    }
    return state;
  }

  private void commit(StateStore store, Change change) {
    long next = version + 1;
    store.commit(Commit.of(next, List.of(change))).toCompletableFuture().join();
    durable.putAll(state(List.of(change)));
    version = next;
  }

  private static void snapshot(ZooKeeperStateStore store) {
    store.snapshot().join();
  }

  // ---- Who takes part.

  private CuratorFramework connect() {
    return ZooKeeperClient.connect(
        zooKeeper.connectString() + "/" + namespace, java.time.Duration.ofSeconds(60));
  }

  private CuratorFramework through(Gate gate) {
    CuratorFramework curator = gate.connect(zooKeeper.connectString(), namespace);
    opened.add(curator);
    return curator;
  }

  private ZooKeeperStateStore open(CuratorFramework curator) {
    ZooKeeperStateStore store = new ZooKeeperStateStore(curator);
    opened.add(store);
    return store;
  }

  private void end(Gate gate) throws Exception {
    gate.open();
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    opened.clear();
  }

  private static void await(Gate gate) {
    try {
      assertTrue(gate.reached().await(4, TimeUnit.MINUTES));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Change counter(String name) {
    return new Change.CounterSet(name, 7);
  }

  private static String random(int digits) {
    byte[] bytes = new byte[digits / 2];
    new Random(7).nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
