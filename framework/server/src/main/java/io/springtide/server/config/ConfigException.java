package io.springtide.server.config;

/** A configuration that a process cannot start with; the message is for the person who wrote it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
