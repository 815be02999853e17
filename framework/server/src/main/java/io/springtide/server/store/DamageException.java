package io.springtide.server.store;

/** Stored bytes are not what was written. */
final class DamageException extends Exception {
  private static final long serialVersionUID = 1L;

  DamageException(String message) {
    super(message);
  }

  DamageException(String message, Throwable cause) {
    super(message, cause);
  }
}
