package io.springtide.partition.books;

/**
 * What one instance takes, in the dimensions in which it takes anything.
 *
 * @param dims columns of {@link Dimensions}, those that all know before scalars by name
 * @param amounts by the same positions, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // Never changed, and read in the inmost loops.
public record Each(int[] dims, long[] amounts) {
  /** The position of a dimension, or -1 where an instance takes nothing of it. */
  public int position(int dimension) {
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == dimension) {
        return i;
      }
    }
    return -1;
  }
}
