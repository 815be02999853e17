package io.springtide.server;

import io.springtide.scheduler.order.UnlistedHost;
import io.springtide.scheduler.view.ClusterView;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each machine that carries an order of ours and that no cloud lists. */
final class UnlistedLog implements Consumer<ClusterView> {
  private static final Logger log = LoggerFactory.getLogger(UnlistedLog.class);

  private final Set<String> said = new HashSet<>();

  @Override
  public void accept(ClusterView view) {
    Map<String, UnlistedHost> unlisted = view.unlisted();
    said.retainAll(unlisted.keySet());
    for (UnlistedHost host : unlisted.values()) {
      if (said.add(host.id())) {
        log.warn(
            "Host {} ({}, agent {}): {}", host.id(), host.hostname(), host.agentId(), host.words());
      }
    }
  }
}
