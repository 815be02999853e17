package io.springtide.registry.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.swarm.SwarmRules;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.Messages.Self;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is introduced to whom, who is forgotten, and who is believed. */
class TrackerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Digest BLOB = Digest.of(new byte[] {1});
  private static final long SIZE = 100L << 20;

  @TempDir Path directory;
  private final PieceHashes hashes = new PieceHashes(Pieces.of(SIZE));
  private Admissions admissions;
  private Tracker tracker;
  private long now = 1000 * SECOND;

  @BeforeEach
  void open() throws IOException {
    admissions = Admissions.open(directory);
    tracker = tracker();
  }

  private Tracker tracker() {
    return new Tracker(
        new TrackerRules(
            4,
            1 << 20,
            Duration.ofSeconds(15),
            Duration.ofHours(1),
            Duration.ofHours(1),
            SwarmRules.DEFAULT),
        admissions,
        1);
  }

  private static Self self(String id) {
    return new Self(id, Optional.empty(), 5001, List.of("rack:z/r", "zone:z"));
  }

  private static PeerAddress address(String id) {
    return new PeerAddress(id, "10.0.0.1", 5001);
  }

  private void present(String id, Digest... blobs) {
    tracker.present(new Presence(self(id), Optional.of(Set.of(blobs))), address(id), now);
  }

  private Optional<Introduction> announce(String id, boolean joined, String... liars) {
    return tracker.announced(
        BLOB,
        new Announce(self(id), new BitSet(), 0, joined, Set.of(liars)),
        address(id),
        "10.0.0.1",
        hashes,
        now,
        now / SECOND);
  }

  private static List<String> neighbours(Optional<Introduction> introduction) {
    return introduction.orElseThrow().neighbours().stream().map(n -> n.address().id()).toList();
  }

  @Test
  void aSwarmBeginsWithEnoughHostsWhetherOrNotTheyWantTheBlob() {
    present("a");
    present("b");
    assertThat(announce("c", false)).as("the third host").isEmpty();
    assertThat(announce("d", false)).as("the fourth").isPresent();
    assertThat(neighbours(announce("c", false))).containsExactly("d");
  }

  @Test
  void whoHasItWholeIsASeed() {
    present("a", BLOB);
    present("b");
    present("c");
    Introduction introduction = announce("d", false).orElseThrow();
    assertThat(introduction.neighbours()).hasSize(1);
    assertThat(introduction.neighbours().get(0).address().id()).isEqualTo("a");
    assertThat(introduction.neighbours().get(0).have().cardinality())
        .isEqualTo(Pieces.of(SIZE).count());
  }

  @Test
  void aTrackerThatForgotTakesBackWhoIsInTheMidstOfIt() {
    tracker = tracker();
    assertThat(announce("a", true)).isPresent();
    assertThat(neighbours(announce("b", true))).containsExactly("a");
    assertThat(tracker.takesPart(BLOB, "a")).isTrue();
    assertThat(
            tracker.present(new Presence(self("c"), Optional.empty()), address("c"), now).resend())
        .isTrue();
  }

  @Test
  void whoIsSilentHasLeft() {
    announce("a", true);
    announce("b", true);
    now += 10 * SECOND;
    announce("b", true);
    now += 6 * SECOND;
    assertThat(neighbours(announce("b", true))).isEmpty();
    assertThat(tracker.hosts()).isEqualTo(1);
    now += 20 * SECOND;
    present("x");
    assertThat(tracker.takesPart(BLOB, "b")).isFalse();
  }

  @Test
  void oneAccuserPartsTwoPeersAndASecondBansTheLiar() {
    announce("liar", true);
    announce("a", true);
    announce("b", true);
    assertThat(neighbours(announce("a", true, "liar"))).containsExactly("b");
    assertThat(tracker.banned()).as("a may be lying").isZero();
    announce("a", true, "liar");
    assertThat(tracker.banned()).as("the same one again").isZero();
    announce("b", true, "liar");
    assertThat(tracker.banned()).isEqualTo(1);
    assertThat(announce("liar", true)).isEmpty();
    assertThat(tracker.takesPart(BLOB, "liar")).isFalse();
    now += Duration.ofHours(1).toNanos() + SECOND;
    assertThat(announce("liar", true)).isPresent();
  }

  @Test
  void nobodyBansHimselfOrAStranger() {
    announce("a", true);
    announce("b", true, "a", "nobody");
    announce("a", true, "a");
    assertThat(tracker.banned()).isZero();
  }

  @Test
  void aBitmapThatIsTooLongIsNotTaken() {
    BitSet have = new BitSet();
    have.set(Pieces.of(SIZE).count());
    Announce announce = new Announce(self("a"), have, 0, true, Set.of());
    assertThat(tracker.announced(BLOB, announce, address("a"), "10.0.0.1", hashes, now, 0))
        .isEmpty();
  }

  @Test
  void anAdmissionIsForOneBlobOnePeerWhereItIsAndATime() throws IOException {
    var key = Admissions.key(admissions.publicKey()).orElseThrow();
    String admission = announce("a", true).orElseThrow().admission();
    long second = now / SECOND;
    assertThat(Admissions.check(key, admission, "10.0.0.1", BLOB, second)).contains(address("a"));
    assertThat(Admissions.check(key, admission, "10.0.0.1", Digest.of(new byte[] {2}), second))
        .isEmpty();
    assertThat(Admissions.check(key, admission, "10.0.0.1", BLOB, second + 3601)).isEmpty();
    assertThat(Admissions.check(key, admission, "10.0.0.9", BLOB, second))
        .as("shown by one who saw it")
        .isEmpty();
    for (String bad : List.of("", ".", "x.y", admission + "x", admission.substring(1), "a.b.c")) {
      assertThat(Admissions.check(key, bad, "10.0.0.1", BLOB, second)).as(bad).isEmpty();
    }
    var other = Admissions.open(java.nio.file.Files.createDirectory(directory.resolve("other")));
    String forged = other.admit(address("a"), "10.0.0.1", BLOB, second + 100);
    assertThat(Admissions.check(key, forged, "10.0.0.1", BLOB, second)).isEmpty();
    assertThat(Admissions.open(directory).publicKey()).as("kept").isEqualTo(admissions.publicKey());
  }

  private void banTheLiar() {
    for (String host : List.of("liar", "a", "b")) {
      announce(host, true);
    }
    announce("a", true, "liar");
    announce("b", true, "liar");
    assertThat(tracker.banned()).isEqualTo(1);
  }

  @Test
  void whoIsBannedIsNobodysSeed() {
    banTheLiar();
    present("liar", BLOB);
    assertThat(neighbours(announce("a", true))).containsExactly("b");
    Digest other = Digest.of(new byte[] {2});
    present("liar", other);
    Announce announce = new Announce(self("a"), new BitSet(), 0, true, Set.of());
    assertThat(
            neighbours(
                tracker.announced(other, announce, address("a"), "10.0.0.1", hashes, now, 0)))
        .isEmpty();
  }

  @Test
  void whoLeftAndCameBackIsAccusedAnew() {
    for (String host : List.of("suspect", "a", "b")) {
      announce(host, true);
    }
    announce("a", true, "suspect");
    for (int i = 0; i < 2; i++) {
      now += 10 * SECOND;
      announce("a", true);
      announce("b", true);
    }
    announce("suspect", true);
    announce("b", true, "suspect");
    assertThat(tracker.banned()).isZero();
  }

  @Test
  void anAdmissionIsRenewedInTimeAndWhereverItsPeerGoes() {
    var key = Admissions.key(admissions.publicKey()).orElseThrow();
    String first = announce("a", true).orElseThrow().admission();
    assertThat(announce("a", true).orElseThrow().admission()).isEqualTo(first);
    now += 31 * 60 * SECOND;
    String second = announce("a", true).orElseThrow().admission();
    long afterTheFirst = now / SECOND + 35 * 60;
    assertThat(Admissions.check(key, first, "10.0.0.1", BLOB, afterTheFirst)).isEmpty();
    assertThat(Admissions.check(key, second, "10.0.0.1", BLOB, afterTheFirst)).isPresent();
    Announce moved = new Announce(self("a"), new BitSet(), 0, true, Set.of());
    String third =
        tracker
            .announced(BLOB, moved, address("a"), "10.0.0.9", hashes, now, now / SECOND)
            .orElseThrow()
            .admission();
    assertThat(Admissions.check(key, third, "10.0.0.9", BLOB, now / SECOND)).isPresent();
  }
}
