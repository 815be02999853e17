package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.StateStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A state as a file: whole, or refused. */
class StateFileTest {
  private static final StateStore.Loaded STATE =
      new StateStore.Loaded(42, SampleState.everyChange());

  @Test
  void whatIsWrittenReadsBackEqual() throws Exception {
    assertThat(read(write())).isEqualTo(STATE);
    assertThat(write())
        .as("ASCII")
        .matches(bytes -> new String(bytes, UTF_8).length() == bytes.length);
  }

  @Test
  void aFileThatWasCutOffAnywhereIsRefused() {
    byte[] whole = write();
    for (int length = 0; length < whole.length; length += 1 + length / 7) {
      assertRefused(java.util.Arrays.copyOf(whole, length), "");
    }
    assertRefused(java.util.Arrays.copyOf(whole, whole.length - 1), "cut off");
    String text = new String(whole, UTF_8);
    int last = text.lastIndexOf('\n', text.length() - 2);
    assertRefused(text.substring(0, last + 1).getBytes(UTF_8), "cut off");
  }

  @Test
  void aFileThatWasChangedIsRefused() {
    String text = new String(write(), UTF_8);
    assertRefused(text.replaceFirst("weibo", "weiba").getBytes(UTF_8), "changed after");
    assertRefused((text + "{}\n").getBytes(UTF_8), "follows");
    assertRefused("{\"items\":[]}\n".getBytes(UTF_8), "line 1");
  }

  @Test
  void aLaterFormatIsRefusedAndAnEarlierOneUpgraded() throws Exception {
    int later = Formats.CURRENT + 1;
    assertRefused(file(later, List.of()), "reads none after");
    JsonNode changes =
        ChangeCodec.tree(
            GoldenFiles.entries(GoldenFiles.read(3, "snapshot.zip")).stream()
                .filter(entry -> new String(entry.text(), UTF_8).contains("PoolPut"))
                .reduce((first, second) -> second)
                .orElseThrow()
                .text());
    List<String> lines = new ArrayList<>();
    changes.forEach(change -> lines.add(change.toString()));
    List<Change> read = read(file(3, lines)).changes();
    assertThat(read).hasSameSizeAs(lines).hasAtLeastOneElementOfType(Change.JobPut.class);
  }

  private static byte[] file(int format, List<String> lines) throws Exception {
    StringBuilder text = new StringBuilder();
    text.append(
        "{\"springtide\":\"state\",\"format\":%d,\"version\":7,\"changes\":%d}\n"
            .formatted(format, lines.size()));
    lines.forEach(line -> text.append(line).append('\n'));
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(UTF_8));
    text.append(
        "{\"end\":true,\"changes\":%d,\"sha256\":\"%s\"}\n"
            .formatted(lines.size(), HexFormat.of().formatHex(sum)));
    return text.toString().getBytes(UTF_8);
  }

  private static byte[] write() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      StateFile.write(STATE, out);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static StateStore.Loaded read(byte[] file) throws Exception {
    return StateFile.read(new ByteArrayInputStream(file));
  }

  private static void assertRefused(byte[] file, String why) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(StateFile.BadFileException.class)
        .hasMessageContaining(why);
  }
}
