package io.springtide.harness.bench.placement;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Text of comma-separated cells as RFC 4180 has it: a cell in quotes may hold commas, line breaks
 * and, doubled, quotes. Blanks around a cell without quotes are not part of it; blank lines are
 * left out.
 */
final class CsvText {
  private final Path file;
  private final String text;
  private int at;
  private int line = 1;

  CsvText(Path file, String text) {
    this.file = file;
    this.text = text;
    at = text.startsWith("\ufeff") ? 1 : 0;
  }

  /** All lines that are not blank, the header included. */
  List<CsvTable.Row> rows() throws BadTraceException {
    List<CsvTable.Row> rows = new ArrayList<>();
    while (at < text.length()) {
      int begun = line;
      List<String> cells = row();
      if (cells.size() > 1 || !cells.get(0).isEmpty()) {
        rows.add(new CsvTable.Row(begun, cells.toArray(new String[0])));
      }
    }
    return rows;
  }

  /** Reads up to the end of a line, which may lie lines below where cells hold line breaks. */
  private List<String> row() throws BadTraceException {
    List<String> cells = new ArrayList<>();
    while (true) {
      cells.add(cell());
      if (at == text.length()) {
        return cells;
      }
      char end = text.charAt(at++);
      if (end == '\r' && at < text.length() && text.charAt(at) == '\n') {
        at++;
      }
      if (end != ',') {
        line++;
        return cells;
      }
    }
  }

  private String cell() throws BadTraceException {
    int begin = at;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    if (at < text.length() && text.charAt(at) == '"') {
      return quoted();
    }
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(begin, at).strip();
  }

  private String quoted() throws BadTraceException {
    int begun = line;
    StringBuilder cell = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        if (at + 1 == text.length() || text.charAt(at + 1) != '"') {
          at++;
          requireEnd();
          return cell.toString();
        }
        at++;
      }
      line += c == '\n' ? 1 : 0;
      cell.append(c);
    }
    throw new BadTraceException(
        file, begun, "a quote is not closed", "close it, or double a quote inside of quotes");
  }

  private void requireEnd() throws BadTraceException {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      throw new BadTraceException(
          file,
          line,
          "'" + text.charAt(at) + "' follows a closing quote",
          "put the whole cell in quotes, and double a quote inside of them");
    }
  }

  /** A cell as it is written: in quotes where it would not be read back as it is otherwise. */
  static String cell(String value) {
    boolean plain =
        value.equals(value.strip()) && value.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
