package io.springtide.harness.emulator.json;

/** Text that is not JSON, or JSON that is not the message; the text is what Mesos would answer. */
public final class JsonException extends Exception {
  private static final long serialVersionUID = 1L;

  public JsonException(String message) {
    super(message);
  }
}
