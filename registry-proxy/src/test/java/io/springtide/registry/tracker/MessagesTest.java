package io.springtide.registry.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Have;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.Messages.Neighbour;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.Messages.Self;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said is understood, and what makes no sense is not. */
class MessagesTest {
  private static final Self SELF =
      new Self("p-1", Optional.of("10.0.0.1"), 5001, List.of("rack:z/r"));

  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    for (int bit : set) {
      bits.set(bit);
    }
    return bits;
  }

  @Test
  void everyMessageReadsAsItWasWritten() throws IOException {
    Presence presence = new Presence(SELF, Optional.of(Set.of(Digest.of(new byte[0]))));
    assertThat(Messages.presence(Messages.write(presence))).isEqualTo(presence);
    Announce announce = new Announce(SELF, bits(0, 9, 4000), 7, true, Set.of("liar"));
    assertThat(Messages.announce(Messages.write(announce))).isEqualTo(announce);
    Messages.Ask ask = new Messages.Ask("p-1", bits(3), true);
    assertThat(Messages.ask(Messages.write(ask))).isEqualTo(ask);
    Have have = new Have(256 << 10, bits(1, 2), false, 3);
    assertThat(Messages.have(Messages.write(have), 10)).isEqualTo(have);
    Introduction introduction =
        new Introduction(
            5L << 30,
            4 << 20,
            2,
            new byte[64],
            List.of(new Neighbour(new PeerAddress("q", "[::1]", 1), bits(1279))),
            "admission",
            new byte[] {1});
    assertThat(Messages.introduction(Messages.write(Optional.of(introduction))).orElseThrow())
        .usingRecursiveComparison()
        .isEqualTo(introduction);
    assertThat(Messages.introduction(Messages.write(Optional.<Introduction>empty()))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{\"peer\": \"../x\", \"port\": 1}",
        "{\"peer\": \"p\", \"port\": 0}",
        "{\"peer\": \"p\", \"port\": 70000}",
        "{\"peer\": \"p\", \"port\": 1, \"host\": \"a b\"}",
        "{\"peer\": \"p\", \"port\": 1, \"host\": \"evil/../x\"}",
        "{\"peer\": \"p\", \"port\": 1, \"around\": \"r\"}",
        "{\"peer\": \"p\", \"port\": 1, \"around\": [\"r\\n\"]}",
        "{\"peer\": \"p\", \"port\": 1, \"have\": \"%%%\", \"hashes\": 0}",
        "{\"peer\": \"p\", \"port\": 1, \"have\": \"\", \"hashes\": -1}",
        "{\"peer\": \"p\", \"port\": 1, \"have\": \"\", \"hashes\": \"many\"}"
      })
  void garbageFromAPeerIsRefused(String text) {
    assertThatThrownBy(() -> Messages.announce(text.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"swarm\": true}",
        "{\"swarm\": true, \"size\": -1, \"pieceSize\": 262144}",
        "{\"swarm\": true, \"size\": 9223372036854775807, \"pieceSize\": 262144, \"hashesFrom\": 0}",
        "{\"swarm\": true, \"size\": 100, \"pieceSize\": 0}",
        "{\"swarm\": true, \"size\": 100, \"pieceSize\": 2147483647}",
        "{\"swarm\": true, \"size\": 100, \"pieceSize\": 262144, \"hashes\": \"AAAA\"}",
        "{\"swarm\": true, \"size\": 100, \"pieceSize\": 262144, \"hashesFrom\": 0,"
            + " \"neighbours\": [{\"peer\": \"p\", \"host\": \"x\"}]}",
        "{\"swarm\": true, \"size\": 100, \"pieceSize\": 262144, \"hashesFrom\": 0,"
            + " \"neighbours\": [{\"peer\": \"p\", \"host\": \"x\", \"port\": 1, \"have\": \"Ag==\"}]}"
      })
  void garbageFromATrackerIsRefused(String text) {
    assertThatThrownBy(() -> Messages.introduction(text.getBytes(UTF_8)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void randomBytesAreRefusedAndNeverBreakAnything() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = Messages.write(new Announce(SELF, bits(5), 1, true, Set.of("x")));
      for (int j = 0; j <= i % 5; j++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(Messages.announce(bytes).self().at("10.0.0.2")).isPresent();
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void piecesOfLargeBlobsAreCountedIn64Bits() {
    for (long size : new long[] {(2L << 30) + 1, 5L << 30, 1L << 42}) {
      Pieces pieces = Pieces.of(size);
      int last = pieces.count() - 1;
      assertThat(pieces.offset(last) + pieces.length(last)).isEqualTo(size);
      assertThat(pieces.count()).isLessThanOrEqualTo(Messages.MAX_PIECES);
    }
  }

  @Test
  void hashesAreTakenOnlyWhereTheyContinueWhatIsKnown() {
    PieceHashes hashes = new PieceHashes(new Pieces(1000, 100));
    byte[] many = new byte[32 * 20];
    for (int i = 0; i < many.length; i++) {
      many[i] = (byte) (i / 32);
    }
    hashes.addAll(3, many);
    assertThat(hashes.count()).as("a gap").isZero();
    hashes.addAll(0, java.util.Arrays.copyOf(many, 64 + 5));
    assertThat(hashes.count()).isEqualTo(2);
    hashes.addAll(0, many);
    assertThat(hashes.count()).as("no more than there are pieces").isEqualTo(10);
    assertThat(hashes.of(9)).containsOnly(9);
    assertThat(hashes.from(8, 100)).hasSize(64);
    assertThat(hashes.from(12, 100)).isEmpty();
  }
}
