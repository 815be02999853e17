package io.springtide.registry.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What an upstream knows us by. Its text form shows no password. */
public record Credentials(String username, String password) {
  public String basic() {
    String pair = username + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return username + ":***";
  }
}
