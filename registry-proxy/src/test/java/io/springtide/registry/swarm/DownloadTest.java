package io.springtide.registry.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.swarm.Download.Ask;
import io.springtide.registry.swarm.UploadQueue.Request;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a peer asks its neighbours for, what an uploader serves, what the origin gives. */
class DownloadTest {
  private static final int PIECES = 100;
  private static final SwarmRules RULES = SwarmRules.DEFAULT;

  private final Download download = new Download(PIECES, RULES, 1, 0);

  private static BitSet all() {
    BitSet has = new BitSet(PIECES);
    has.set(0, PIECES);
    return has;
  }

  private static BitSet only(int... pieces) {
    BitSet has = new BitSet(PIECES);
    for (int piece : pieces) {
      has.set(piece);
    }
    return has;
  }

  @Test
  void piecesCoverTheBlobWithoutGapOrOverlap() {
    for (long size : new long[] {1, 256 << 10, (256 << 10) + 1, 100_000_000, 1L << 30, 5L << 30}) {
      Pieces pieces = Pieces.of(size);
      long sum = 0;
      for (int i = 0; i < pieces.count(); i++) {
        assertThat(pieces.offset(i)).isEqualTo(sum);
        sum += pieces.length(i);
      }
      assertThat(sum).isEqualTo(size);
      assertThat(pieces.pieceSize()).isBetween(256 << 10, 4 << 20);
    }
  }

  @Test
  void theWindowComesFirstAndNeverAPieceTwice() {
    download.joined(1, all());
    download.joined(2, all());
    download.joined(3, all());
    Set<Integer> asked = new HashSet<>();
    int perNeighbourOne = 0;
    for (Optional<Ask> ask = download.next(0); ask.isPresent(); ask = download.next(0)) {
      assertThat(ask.get().piece()).isLessThan(RULES.window());
      assertThat(asked.add(ask.get().piece())).isTrue();
      perNeighbourOne += ask.get().neighbour() == 1 ? 1 : 0;
    }
    assertThat(asked).hasSize(RULES.inFlight());
    assertThat(perNeighbourOne).isLessThanOrEqualTo(RULES.inFlightEach());
  }

  @Test
  void aNeighbourWithNothingOfTheWindowIsAskedForWhatItHas() {
    download.joined(1, only(77));
    assertThat(download.next(0)).contains(new Ask(1, 77));
    assertThat(download.next(0)).isEmpty();
  }

  @Test
  void whatALeavingNeighbourWasAskedForIsWantedAgain() {
    download.joined(1, only(0));
    download.joined(2, only());
    assertThat(download.next(0)).contains(new Ask(1, 0));
    download.announced(2, 0, 0);
    assertThat(download.next(0)).isEmpty();
    download.gone(1);
    assertThat(download.next(0)).contains(new Ask(2, 0));
  }

  @Test
  void aRefusedPieceIsWantedAgain() {
    download.joined(1, only(0));
    assertThat(download.next(0)).isPresent();
    download.refused(1, 0, 6);
    assertThat(download.next(0)).contains(new Ask(1, 0));
  }

  @Test
  void aNeighbourThatLiesIsNeverAskedAgain() {
    download.joined(1, all());
    Ask ask = download.next(0).orElseThrow();
    download.lied(1, ask.piece());
    assertThat(download.next(0)).isEmpty();
    download.joined(2, all());
    assertThat(download.next(0).orElseThrow().neighbour()).isEqualTo(2);
    assertThat(download.count()).isZero();
  }

  @Test
  void aLatePieceIsAskedForOnceMoreElsewhere() {
    download.joined(1, only(0));
    download.joined(2, only(1));
    assertThat(download.next(0)).isPresent();
    assertThat(download.next(0)).isPresent();
    download.arrived(2, 1, 0, 1000);
    download.announced(2, 0, 0);
    assertThat(download.next(2000)).isEmpty();
    assertThat(download.next(1000L * RULES.late() + 1)).contains(new Ask(2, 0));
    assertThat(download.next(1_000_000)).as("not a third time").isEmpty();
    assertThat(download.arrived(2, 0, 0, 2_000_000)).isTrue();
    assertThat(download.arrived(1, 0, 0, 3_000_000)).as("too late").isFalse();
  }

  @Test
  void itEndsCompleteAndInOrder() {
    download.joined(1, all());
    download.joined(2, all());
    int inOrder = 0;
    while (!download.isComplete()) {
      Ask ask = download.next(0).orElseThrow();
      download.arrived(ask.neighbour(), ask.piece(), 0, 1);
      assertThat(download.inOrder()).isGreaterThanOrEqualTo(inOrder);
      inOrder = download.inOrder();
    }
    assertThat(download.next(0)).isEmpty();
    assertThat(download.held()).isEqualTo(all());
  }

  @Test
  void withoutAnyPieceForTheStallTimeThePeerIsStuck() {
    assertThat(download.isStuck(RULES.stall() - 1)).isFalse();
    assertThat(download.isStuck(RULES.stall())).isTrue();
  }

  @Test
  void theOriginIsAskedOnceAtATimeUntilNoNeighbourHelpsAndThenForDifferentPieces() {
    assertThat(download.askOrigin(0)).isTrue();
    assertThat(download.askOrigin(0)).isFalse();
    download.originAnswered(100);
    assertThat(download.askOrigin(99)).as("told to wait").isFalse();
    long late = RULES.stall();
    OriginShare origin = new OriginShare(PIECES, RULES);
    Set<Integer> given = new HashSet<>();
    int asked = 0;
    while (download.askOrigin(late)) {
      asked++;
      given.add(origin.give(download.heldForOrigin(), true, PIECES).orElseThrow());
    }
    assertThat(asked).isEqualTo(RULES.inFlight());
    assertThat(given).hasSize(asked);
    download.arrived(-1, 0, 0, late + 1);
    download.originAnswered(late + 1);
    assertThat(download.isStuck(late + 1)).as("what the origin sends is no help").isTrue();
    download.joined(1, all());
    download.arrived(1, 1, 0, late + 2);
    assertThat(download.isStuck(late + 2)).isFalse();
  }

  @Test
  void anUploaderSendsAsManyAtATimeAsItHasPlaces() {
    UploadQueue queue = new UploadQueue(5, 2);
    for (int peer = 0; peer < 4; peer++) {
      assertThat(queue.offer(new Request(peer, 0, peer))).isTrue();
    }
    assertThat(queue.next()).isPresent();
    assertThat(queue.next()).isPresent();
    assertThat(queue.next()).isEmpty();
    assertThat(queue.load()).isEqualTo(4);
    queue.sent();
    assertThat(queue.next()).isPresent();
  }

  @Test
  void aFillingOriginGivesOnlyWhatItHas() {
    OriginShare origin = new OriginShare(PIECES, RULES);
    for (int i = 0; i < 3 * RULES.originCopies(); i++) {
      assertThat(origin.give(new BitSet(), false, 3).orElseThrow()).isLessThan(3);
    }
    assertThat(origin.give(new BitSet(), false, 3)).isEmpty();
    assertThat(origin.give(only(0, 1, 2), true, 3)).isEmpty();
    assertThat(origin.give(new BitSet(), false, 4)).hasValue(3);
  }

  @Test
  void anUploaderServesWhoHasLeastAndRefusesWhenFull() {
    UploadQueue queue = new UploadQueue(2, 1);
    assertThat(queue.offer(new Request(1, 0, 50))).isTrue();
    assertThat(queue.offer(new Request(2, 0, 10))).isTrue();
    assertThat(queue.offer(new Request(3, 0, 1))).isFalse();
    assertThat(queue.next().orElseThrow().peer()).isEqualTo(2);
    assertThat(queue.next()).as("one at a time").isEmpty();
    queue.sent();
    queue.gone(1);
    assertThat(queue.next()).isEmpty();
  }

  @Test
  void theOriginGivesEveryPieceOnceBeforeAnyTwiceAndThenOnlyToWhoIsStuck() {
    OriginShare origin = new OriginShare(PIECES, RULES);
    Set<Integer> first = new HashSet<>();
    for (int i = 0; i < PIECES; i++) {
      first.add(origin.give(new BitSet(), false, PIECES).orElseThrow());
    }
    assertThat(first).hasSize(PIECES);
    for (int i = 0; i < PIECES * (RULES.originCopies() - 1); i++) {
      assertThat(origin.give(new BitSet(), false, PIECES)).isPresent();
    }
    assertThat(origin.give(new BitSet(), false, PIECES)).isEmpty();
    assertThat(origin.give(only(0, 1), true, PIECES)).isEqualTo(OptionalInt.of(2));
    assertThat(origin.copiesSent()).isGreaterThan(RULES.originCopies());
  }
}
