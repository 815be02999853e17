package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChangeCodecTest {
  @Test
  void everyKindOfChangeReadsBackEqual() {
    List<Change> all = SampleState.everyChange();
    assertThat(kinds(all))
        .as("the sample holds every kind there is")
        .isEqualTo(
            Arrays.stream(Change.class.getPermittedSubclasses()).collect(Collectors.toSet()));
    assertThat(ChangeCodec.fromBytes(ChangeCodec.toBytes(all))).isEqualTo(all);
  }

  @Test
  void questionsThatARecordAnswersAreNotStored() {
    String json =
        new String(ChangeCodec.toBytes(SampleState.everyChange()), StandardCharsets.UTF_8);
    assertThat(json).doesNotContain("\"zero\"", "\"committed\"", "\"empty\"");
  }

  @Test
  void aKindOfALaterReleaseIsRefusedAndNotSkipped() {
    byte[] later = "[{\"@\":\"MoonPut\",\"phase\":\"full\"}]".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> ChangeCodec.fromBytes(later))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("newer release");
  }

  @Test
  void aCommitReadsBackEqualAndItsAuditAloneToo() {
    Commit commit = new Commit(7, SampleState.everyChange(), List.of("{\"who\":\"ci\"}", "{}"));
    byte[] text = ChangeCodec.toBytes(commit);
    assertThat(ChangeCodec.commit(7, text)).isEqualTo(commit);
    assertThat(ChangeCodec.fromBytes(text)).isEqualTo(commit.changes());
    assertThat(ChangeCodec.audit(new ByteArrayInputStream(text))).isEqualTo(commit.audit());
    byte[] ofFormat4 = ChangeCodec.toBytes(commit.changes());
    assertThat(ChangeCodec.audit(new ByteArrayInputStream(ofFormat4))).isEmpty();
  }

  @Test
  void whatIsNeitherACommitNorAListIsRefused() {
    for (String text : List.of("", "7", "{}", "{\"audit\":[]}", "{\"audit\":[7],\"changes\":[]}")) {
      assertThatThrownBy(() -> ChangeCodec.commit(7, text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isInstanceOf(StoreException.class);
    }
  }

  private static Set<Class<?>> kinds(List<Change> changes) {
    return changes.stream().map(Object::getClass).collect(Collectors.toSet());
  }
}
