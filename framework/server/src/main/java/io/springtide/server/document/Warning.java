package io.springtide.server.document;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Something that was accepted and may not do what its writer hopes for.
 *
 * @param field its path in the document
 * @param detail what will not work
 * @param fix what to write where it matters
 */
public record Warning(String field, String detail, String fix) {
  public Warning {
    requireNonNull(field);
    requireNonNull(detail);
    requireNonNull(fix);
  }

  /** Adds {@code warnings: […]} to an answer; nothing if there are none. */
  public static void put(ObjectNode answer, List<Warning> warnings) {
    if (!warnings.isEmpty()) {
      var list = answer.putArray("warnings");
      for (Warning warning : warnings) {
        list.addObject()
            .put("field", warning.field())
            .put("detail", warning.detail())
            .put("fix", warning.fix());
      }
    }
  }
}
