package io.springtide.executor.discovery;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.executor.loop.ExecutorLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces endpoints as services of the host's Consul agent.
 *
 * <p>Every entry has two checks, and passes only while both do. {@code alive} is a TTL check that
 * this executor sets after its own health check; it runs out when nobody looks after the entry any
 * more, late enough for a new executor to take over first. {@code endpoint} is Consul's own look at
 * the port, every second: it is what makes an entry critical at once when executor and endpoint die
 * together.
 *
 * <p>Every {@link #SYNC} the agent's services are compared with what should be there, both ways: a
 * Consul agent that restarted has forgotten, a person may have deleted; and what carries our marks
 * but belongs to nothing is removed. Lives on the loop's thread.
 */
public final class ConsulDiscovery implements Discovery {
  static final Duration SYNC = Duration.ofSeconds(30);

  /** A third of {@link ConsulRegistration#TTL}: two may be lost. */
  static final Duration HEARTBEAT = Duration.ofSeconds(20);

  private static final Logger log = LoggerFactory.getLogger(ConsulDiscovery.class);

  private final ExecutorLoop loop;
  private final ConsulAgent agent;
  private final ConsulRegistration.Place place;
  private final Map<String, ConsulEntry> entries = new HashMap<>();
  private ExecutorLoop.Timer nextSync;
  private ExecutorLoop.Timer nextHeartbeat;
  private boolean reachable = true;

  private ConsulDiscovery(ExecutorLoop loop, ConsulAgent agent, ConsulRegistration.Place place) {
    this.loop = loop;
    this.agent = agent;
    this.place = place;
  }

  /**
   * Starts with a sync, which removes what earlier executors of this host left behind.
   *
   * @param address of the host's Consul agent, {@code host:port}
   * @param token ACL token, if the agent wants one
   * @param framework framework id
   * @param host host id
   */
  public static ConsulDiscovery start(
      ExecutorLoop loop, String address, Optional<String> token, String framework, String host) {
    requireNonNull(loop);
    var discovery =
        new ConsulDiscovery(
            loop, new ConsulAgent(address, token), new ConsulRegistration.Place(framework, host));
    discovery.nextHeartbeat = loop.after(HEARTBEAT, discovery::heartbeat);
    discovery.sync();
    return discovery;
  }

  @Override
  public boolean takes(InstanceEndpoint endpoint) {
    return endpoint.entry().consul() != null;
  }

  @Override
  public Announcement announce(InstanceEndpoint endpoint) {
    var registration = ConsulRegistration.of(endpoint, place);
    return entries.computeIfAbsent(
        registration.id(),
        id -> new ConsulEntry(loop, agent, registration, () -> entries.remove(registration.id())));
  }

  private void heartbeat() {
    nextHeartbeat = loop.after(HEARTBEAT, this::heartbeat);
    entries.values().forEach(ConsulEntry::heartbeat);
  }

  private void sync() {
    nextSync = loop.after(SYNC, this::sync);
    var asked = loop.now();
    loop.when(
        agent.services(),
        (services, error) -> {
          if (error != null) {
            if (reachable) {
              log.warn("consul cannot be asked, entries stay as they are: {}", error.toString());
            }
            reachable = false;
            return;
          }
          reachable = true;
          entries.values().forEach(entry -> entry.compare(services, asked));
          services.properties().forEach(found -> removeStray(found.getKey(), found.getValue()));
        });
  }

  private void removeStray(String id, JsonNode service) {
    if (!place.owns(id, service) || entries.containsKey(id)) {
      return;
    }
    log.info("removing consul service {}: it belongs to no task of this host", id);
    loop.when(
        agent.deregister(id),
        (done, error) -> {
          if (error != null) {
            log.warn(
                "consul service {} not removed, trying again at the next sync: {}",
                id,
                error.toString());
          }
        });
  }

  @Override
  public void close() {
    nextSync.cancel();
    nextHeartbeat.cancel();
    agent.close();
  }
}
