package io.springtide.executor.runtime;

import io.springtide.executor.contract.Labels;
import java.util.Map;

/**
 * Whose a container is. Only its owner touches it.
 *
 * @param framework framework id
 * @param host host id: its agent's attribute {@code node}, else {@code hostname:port}
 * @param executor executor id
 */
public record Owner(String framework, String host, String executor) {
  /** What every executor of this framework on this host has in common. */
  Map<String, String> place() {
    return Map.of(Labels.FRAMEWORK, framework, Labels.HOST, host);
  }

  Map<String, String> labels() {
    return Map.of(Labels.FRAMEWORK, framework, Labels.HOST, host, Labels.EXECUTOR, executor);
  }
}
