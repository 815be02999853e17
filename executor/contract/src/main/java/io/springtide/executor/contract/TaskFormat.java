package io.springtide.executor.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** How a task document is written: UTF-8 JSON, read strictly. */
final class TaskFormat {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private TaskFormat() {}

  static byte[] write(TaskDocument document) {
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a record of strings and numbers is always JSON", e);
    }
  }

  static TaskDocument read(byte[] bytes) {
    if (bytes.length > TaskDocument.MAX_BYTES) {
      throw new IllegalArgumentException(
          "task document of "
              + bytes.length
              + " bytes; at most "
              + TaskDocument.MAX_BYTES
              + " are read");
    }
    try {
      var tree = JSON.readTree(bytes);
      // The version first: of another one, neither fields nor their meaning are known.
      if (!tree.isObject() || !tree.path("version").isInt()) {
        throw new IllegalArgumentException(
            "TaskInfo.data is not a task document of this framework");
      }
      TaskChecks.version(tree.path("version").intValue());
      return JSON.treeToValue(tree, TaskDocument.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("task document: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("task document: " + e.getMessage(), e);
    }
  }
}
