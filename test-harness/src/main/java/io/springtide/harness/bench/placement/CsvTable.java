package io.springtide.harness.bench.placement;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A comma-separated file with a header line; cells are not quoted. Columns are found by name, in
 * any order; those that nobody asks for are left alone, blank lines too.
 */
final class CsvTable {
  /** A line of the file; 1 is the header. */
  record Row(int line, String[] cells) {}

  private final Path file;
  private final List<String> columns;
  private final List<Row> rows = new ArrayList<>();

  private CsvTable(Path file, List<String> columns) {
    this.file = file;
    this.columns = columns;
  }

  static CsvTable read(Path file, List<String> needed) throws IOException {
    String example = String.join(",", needed);
    List<String> lines = lines(file);
    if (lines.isEmpty()) {
      throw new BadTraceException(file, "the file is empty", "begin it with the line " + example);
    }
    CsvTable table = new CsvTable(file, cells(lines.get(0).replace("\ufeff", "")));
    for (String column : needed) {
      if (!table.columns.contains(column)) {
        throw new BadTraceException(
            file, 1, "there is no column " + column, "write the header " + example);
      }
    }
    if (Set.copyOf(table.columns).size() < table.columns.size()) {
      throw new BadTraceException(
          file, 1, "a column is named twice", "write the header " + example);
    }
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String[] cells = cells(lines.get(i)).toArray(new String[0]);
      if (cells.length != table.columns.size()) {
        throw new BadTraceException(
            file,
            i + 1,
            cells.length + " cells where the header has " + table.columns.size(),
            "write one for each column, without quotes or commas inside");
      }
      table.rows.add(new Row(i + 1, cells));
    }
    return table;
  }

  List<Row> rows() {
    return rows;
  }

  boolean has(String column) {
    return columns.contains(column);
  }

  /** The text of a cell; anything but blank. */
  String name(Row row, String column) throws BadTraceException {
    String text = text(row, column);
    if (text.isEmpty()) {
      throw bad(row, column, "it is empty", "give it a name");
    }
    return text;
  }

  /** The text of a cell, without blanks around it. */
  String text(Row row, String column) {
    return row.cells[columns.indexOf(column)];
  }

  /**
   * A whole amount from 0 to {@code most}. A fraction is rounded: needs up and room down, so that
   * nothing is placed that does not fit.
   */
  long amount(Row row, String column, RoundingMode rounding, long most) throws BadTraceException {
    String text = text(row, column);
    BigDecimal number;
    try {
      number = new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw bad(row, column, "'" + text + "' is not a number", "write 0 to " + most);
    }
    if (number.signum() < 0 || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw bad(row, column, text + " is out of range", "write 0 to " + most);
    }
    return number.setScale(0, rounding).longValueExact();
  }

  BadTraceException bad(Row row, String column, String problem, String fix) {
    return new BadTraceException(file, row.line, column, problem, fix);
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new BadTraceException(file, "there is no such file", "check the path");
    } catch (CharacterCodingException e) {
      throw new BadTraceException(file, "it is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      throw new BadTraceException(file, "it cannot be read: " + e.getMessage(), "check the path");
    }
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    for (String cell : line.split(",", -1)) {
      cells.add(cell.strip());
    }
    return cells;
  }
}
