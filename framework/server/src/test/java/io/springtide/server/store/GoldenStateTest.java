package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What earlier versions stored means to this one what it meant to them; and what this one stores is
 * what its format's golden files hold, down to each component.
 */
class GoldenStateTest extends OnZooKeeper {
  private static final List<String> TREES = List.of("log.zip", "snapshot.zip");

  /** What no core stores today: refused at the door, or not reached. */
  private static final Set<String> NEVER_STORED =
      Set.of(
          "HostCondition.RELEASED does not occur",
          "Runs.past says nothing",
          "DiscoverySpec.Upsync does not occur");

  static Stream<Arguments> everyFormat() {
    return IntStream.rangeClosed(1, Formats.CURRENT)
        .boxed()
        .flatMap(format -> TREES.stream().map(tree -> Arguments.of(format, tree)));
  }

  @ParameterizedTest
  @MethodSource("everyFormat")
  void whatWasStoredIsRead(int format, String tree) throws Exception {
    for (Map.Entry<String, byte[]> znode : GoldenFiles.read(format, tree).entrySet()) {
      curator
          .create()
          .orSetData()
          .creatingParentsIfNeeded()
          .forPath(znode.getKey(), znode.getValue());
    }
    StateStore.Loaded loaded;
    try (ZooKeeperStateStore store = new ZooKeeperStateStore(curator)) {
      loaded = store.load();
    }
    String text = StateText.of(loaded.changes());
    String expected = GoldenFiles.expectation(format);
    if (format == 1) {
      // It was told to executors, and none did it.
      expected = expected.replaceAll(" adopt (true|false)", "");
      // Its hosts knew no more of their origin than the order.
      text = text.replaceAll("\n  origin: .*", "");
    }
    if (format < 3) {
      // Instances wanted the newest revision, and nobody had to say so.
      text = text.replaceAll("\n  wants revision .*", "");
    }
    assertThat(text).isEqualTo(expected);
    SchedulerCore core =
        SchedulerCore.restore(CoreConfig.of("executor-1"), loaded, GoldenFiles.LATER);
    assertThat(core.view().jobs().values())
        .as("each instance wants a revision that there is")
        .allSatisfy(
            job ->
                assertThat(job.instances())
                    .allMatch(i -> job.job().specOf(i.instance().revision()).isPresent()));
    if (format == 1) {
      assertThat(core.view().groups().values())
          .as("what policies did not name was allowed")
          .isNotEmpty()
          .allMatch(group -> group.group().policy().runtimes().equals(List.of("*")))
          .allMatch(group -> group.group().policy().networks().equals(List.of("*")));
    }
  }

  /** Whoever changes how a record is encoded begins a format, or writes anew what none released. */
  @Test
  void whatIsStoredTodayIsEncodedAsInTheGoldenFilesOfItsFormat() throws Exception {
    for (String tree : TREES) {
      List<Stored> entries = GoldenFiles.entries(GoldenFiles.read(Formats.CURRENT, tree));
      assertThat(entries).isNotEmpty();
      for (Stored entry : entries) {
        assertThat(entry.format()).isEqualTo(Formats.CURRENT);
        JsonNode text = ChangeCodec.tree(entry.text());
        Commit commit = ChangeCodec.commit(1, entry.text());
        byte[] today =
            text.isArray() ? ChangeCodec.toBytes(commit.changes()) : ChangeCodec.toBytes(commit);
        assertThat(ChangeCodec.tree(today)).isEqualTo(text);
      }
    }
  }

  /** A kind of record or of value that the golden files lack could change as it likes. */
  @Test
  void theGoldenFilesOfTodaysFormatShowEverythingThatIsStored() throws Exception {
    List<Change> all = new ArrayList<>();
    for (Stored entry : GoldenFiles.entries(GoldenFiles.read(Formats.CURRENT, "log.zip"))) {
      all.addAll(ChangeCodec.fromBytes(entry.text()));
    }
    assertThat(Coverage.lacks(all)).containsExactlyInAnyOrderElementsOf(NEVER_STORED);
  }

  /** So that the next format can be recorded when it begins. */
  @Test
  void theStoryStillShowsEverythingThatIsStored() {
    List<Change> all = LivelyCluster.commits().stream().flatMap(List::stream).toList();
    assertThat(Coverage.lacks(all)).containsExactlyInAnyOrderElementsOf(NEVER_STORED);
  }
}
