package io.springtide.harness.emulator;

import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.AgentConfig;
import io.springtide.harness.emulator.agent.AgentDisk;
import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.AgentPeer;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.harness.emulator.wire.MasterPeer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A master and agents, wired, without sockets and processes: the in-process drive mode. With a
 * virtual loop and a scripted launcher it is deterministic. All methods belong on the loop.
 */
public final class Cluster {

  private final Loop loop;
  private final Ids ids;
  private final ExecutorLauncher launcher;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private Master leader;

  /** One agent over all its restarts. */
  private static final class Node {
    final AgentConfig config;
    final Runnable ended;
    AgentDisk disk = new AgentDisk();
    Agent process;
    Link link;

    Node(AgentConfig config, Runnable ended) {
      this.config = config;
      this.ended = ended;
    }
  }

  public Cluster(Loop loop, Ids ids, ExecutorLauncher launcher) {
    this.loop = loop;
    this.ids = ids;
    this.launcher = launcher;
  }

  /** A master leads from now on; null when there is none. Agents register with it. */
  public void lead(Master newLeader) {
    leader = newLeader;
    nodes.values().stream().filter(node -> node.process != null).forEach(this::connect);
  }

  /**
   * Adds an agent and starts it.
   *
   * @param ended called when its process ends by itself
   */
  public void addAgent(AgentConfig config, Runnable ended) {
    Node node = new Node(config, ended);
    if (nodes.putIfAbsent(config.name(), node) != null) {
      throw new IllegalArgumentException("there is an agent '" + config.name() + "' already");
    }
    start(node);
  }

  private void start(Node node) {
    node.link = new Link(loop);
    Agent[] self = new Agent[1];
    node.process =
        new Agent(
            node.config,
            node.disk,
            loop,
            ids,
            launcher,
            () -> {
              if (node.process == self[0]) {
                broken(node);
                node.ended.run();
              }
            });
    self[0] = node.process;
    node.process.start();
    connect(node);
  }

  private void connect(Node node) {
    if (leader == null) {
      node.process.masterDetected(null, null);
      return;
    }
    node.process.masterDetected(
        node.link.to(MasterPeer.class, leader), node.link.to(AgentPeer.class, node.process));
  }

  /** Ends an agent's process as {@code kill -9} does. */
  public void killAgent(String name) {
    Node node = node(name);
    if (node.process != null) {
      node.process.kill();
      broken(node);
    }
  }

  private void broken(Node node) {
    node.process = null;
    Master master = leader;
    String id = node.disk.agentId();
    if (master != null && !id.isEmpty()) {
      loop.execute(() -> master.disconnected(id));
    }
  }

  /** Starts an agent whose process ended. */
  public void restartAgent(String name) {
    Node node = node(name);
    if (node.process == null) {
      start(node);
    }
  }

  /** Takes the work directory of an agent that is down away: it will come with a new id. */
  public void wipeAgent(String name) {
    node(name).disk = new AgentDisk();
  }

  /** SIGUSR1: the agent unregisters and ends when its executors have. */
  public void leaveAgent(String name) {
    Node node = node(name);
    if (node.process != null) {
      node.process.leave();
    }
  }

  /** SIGSTOP, until {@link #resumeAgent}. */
  public void pauseAgent(String name) {
    node(name).link.pause();
  }

  /** SIGCONT. */
  public void resumeAgent(String name) {
    node(name).link.resume();
  }

  /** Forgets an agent, which is killed if it runs. */
  public void removeAgent(String name) {
    killAgent(name);
    nodes.remove(name);
  }

  /** The process of an agent, if it runs. */
  public Optional<Agent> agent(String name) {
    return Optional.ofNullable(node(name).process);
  }

  /** What an agent keeps over restarts. */
  public AgentDisk disk(String name) {
    return node(name).disk;
  }

  private Node node(String name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException(
          "there is no agent '" + name + "'; known are " + nodes.keySet());
    }
    return node;
  }
}
