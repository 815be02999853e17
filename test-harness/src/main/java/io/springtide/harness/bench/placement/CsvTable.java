package io.springtide.harness.bench.placement;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A comma-separated file with a header line; see {@link CsvText}. Columns are found by name, in any
 * order; those that nobody asks for are left alone.
 */
final class CsvTable {
  /** Decimals of a number; a few characters can stand for any number of them. */
  private static final int LONGEST = 100;

  /** Cells, and the line of the file that they begin in; 1 is the first. */
  @SuppressWarnings("ArrayRecordComponent") // Millions of them; nobody compares two.
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
    List<Row> rows = new CsvText(file, text(file)).rows();
    if (rows.isEmpty()) {
      throw new BadTraceException(file, "the file is empty", "begin it with the line " + example);
    }
    int header = rows.get(0).line();
    CsvTable table = new CsvTable(file, List.of(rows.get(0).cells()));
    for (String column : needed) {
      if (!table.columns.contains(column)) {
        throw new BadTraceException(
            file, header, "there is no column " + column, "write the header " + example);
      }
    }
    if (new HashSet<>(table.columns).size() < table.columns.size()) {
      throw new BadTraceException(
          file, header, "a column is named twice", "write the header " + example);
    }
    for (Row row : rows.subList(1, rows.size())) {
      if (row.cells().length != table.columns.size()) {
        throw new BadTraceException(
            file,
            row.line(),
            row.cells().length + " cells where the header has " + table.columns.size(),
            "write one for each column, in quotes if there is a comma in it");
      }
      table.rows.add(row);
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

  /** The text of a cell. */
  String text(Row row, String column) {
    return row.cells()[columns.indexOf(column)];
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
    if (number.scale() > LONGEST) {
      throw bad(row, column, text + " has too many decimals", "write 0 to " + most);
    }
    if (number.signum() < 0 || number.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw bad(row, column, text + " is out of range", "write 0 to " + most);
    }
    return number.setScale(0, rounding).longValueExact();
  }

  BadTraceException bad(Row row, String column, String problem, String fix) {
    return new BadTraceException(file, row.line, column, problem, fix);
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new BadTraceException(file, "there is no such file", "check the path");
    } catch (CharacterCodingException e) {
      throw new BadTraceException(file, "it is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      throw new BadTraceException(file, "it cannot be read: " + e.getMessage(), "check the path");
    }
  }
}
