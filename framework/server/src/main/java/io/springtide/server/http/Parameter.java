package io.springtide.server.http;

import io.springtide.server.document.Value;

/**
 * Something that a request says outside of its body.
 *
 * @param in {@code query}, {@code header} or {@code path}
 * @param says what it is, for a person
 * @param repeated whether it may be given more than once
 * @param required whether it must be given
 */
record Parameter(
    String name, String in, Value value, String says, boolean repeated, boolean required) {
  static Parameter query(String name, Value value, String says) {
    return new Parameter(name, "query", value, says, false, false);
  }

  static Parameter header(String name, Value value, String says) {
    return new Parameter(name, "header", value, says, false, false);
  }

  static Parameter path(String name, String says) {
    return new Parameter(name, "path", Value.text().atLeast(1), says, false, true);
  }

  boolean isQuery() {
    return in.equals("query");
  }

  Parameter oftener() {
    return new Parameter(name, in, value, says, true, required);
  }

  Parameter must() {
    return new Parameter(name, in, value, says, repeated, true);
  }
}
