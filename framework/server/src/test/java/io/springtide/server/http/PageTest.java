package io.springtide.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.server.document.Documents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PageTest {
  @Test
  void anItemIsWrittenBeforeTheNextIsMade() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> items = Collections.nCopies(10_000, "x".repeat(100));
    int[] made = {0};
    Page.write(
        out,
        items,
        item -> {
          // What the generator holds back is a buffer, and no page.
          assertThat(out.size()).isGreaterThan(made[0]++ * 100 - 20_000);
          return Documents.object().put("id", item);
        },
        Optional.of("more"));
    JsonNode page = Documents.json(out.toByteArray());
    assertThat(page.path("items")).hasSize(10_000);
    assertThat(page.path("next").asText()).isEqualTo("more");
  }

  @Test
  void aPageOfNothingHasNoItemsAndNoNext() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Page.write(out, List.of(), item -> Documents.object(), Optional.empty());
    assertThat(out).hasToString("{\"items\":[]}");
  }
}
