package io.springtide.cli;

/** A path with the query parameters that are given. */
final class Query {
  private final StringBuilder path;
  private char next = '?';

  Query(String path) {
    this.path = new StringBuilder(path);
  }

  /**
   * Adds one.
   *
   * @param value null: it is not given
   */
  Query with(String name, String value) {
    if (value != null) {
      path.append(next).append(name).append('=').append(Api.segment(value));
      next = '&';
    }
    return this;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
