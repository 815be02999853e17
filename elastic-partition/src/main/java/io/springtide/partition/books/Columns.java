package io.springtide.partition.books;

/** Tables that are kept column by column. */
final class Columns {
  /** How many rows a table has room for at first. */
  static final int FIRST_ROWS = 16;

  private Columns() {}

  static long[][] copy(long[][] columns) {
    long[][] copy = new long[columns.length][];
    for (int c = 0; c < columns.length; c++) {
      copy[c] = columns[c].clone();
    }
    return copy;
  }

  static int[][] copy(int[][] columns) {
    int[][] copy = new int[columns.length][];
    for (int c = 0; c < columns.length; c++) {
      copy[c] = columns[c].clone();
    }
    return copy;
  }
}
