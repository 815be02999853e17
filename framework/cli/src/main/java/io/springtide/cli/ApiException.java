package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Something a person must mend: what, where, and how. */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final int status;
  private final String field;
  private final String fix;

  ApiException(int exitCode, String what, String field, String fix) {
    this(exitCode, 0, what, field, fix);
  }

  private ApiException(int exitCode, int status, String what, String field, String fix) {
    super(what);
    this.exitCode = exitCode;
    this.status = status;
    this.field = field;
    this.fix = fix;
  }

  /** A problem document, or whatever else came with that status. */
  static ApiException of(int status, JsonNode problem) {
    return of(status, problem, problem.path("fix").asText(""));
  }

  static ApiException of(int status, JsonNode problem, String fix) {
    String title = problem.path("title").asText("");
    String detail = problem.path("detail").asText("");
    return new ApiException(
        status == 503 ? ExitCodes.UNREACHABLE : ExitCodes.REFUSED,
        status,
        title.isEmpty() ? "the server answers " + status : title + ": " + detail,
        problem.path("field").asText(""),
        fix);
  }

  int exitCode() {
    return exitCode;
  }

  /** The HTTP status; 0: there was none. */
  int status() {
    return status;
  }

  /** As it is printed: what, and in lines of their own where and how to mend it. */
  String text() {
    return "tide: "
        + getMessage()
        + (field.isEmpty() ? "" : System.lineSeparator() + "  field: " + field)
        + (fix.isEmpty() ? "" : System.lineSeparator() + "  fix:   " + fix);
  }
}
