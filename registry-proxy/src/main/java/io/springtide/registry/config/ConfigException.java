package io.springtide.registry.config;

/** Says which key of the configuration has which value, and what is allowed there. */
public final class ConfigException extends Exception {
  ConfigException(String message) {
    super(message);
  }
}
