package io.springtide.harness.emulator;

import io.netty.channel.EventLoopGroup;
import io.springtide.harness.emulator.http.Authentication;
import io.springtide.harness.emulator.http.KeptPort;
import io.springtide.harness.emulator.http.MasterDoor;
import io.springtide.harness.emulator.http.MasterDoor.Leadership;
import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.master.Registry;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.Ids;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.mesos.v1.Protos.MasterInfo;

/** One master over its restarts: its port, its door, and the master itself while it leads. */
final class MasterHost {

  /** What a restarted master takes to read its registry. */
  private static final Duration RECOVERY = Duration.ofMillis(120);

  private final EmulatorConfig config;
  private final EventLoopGroup group;
  private final LongAdder sent;
  private final Loop loop;
  private final Ids ids;
  private final Cluster cluster;
  private final Registry registry;
  private final AtomicInteger running;
  private KeptPort port;
  private MasterDoor door;
  private Election election;

  // Touched on the loop only.
  private Master master;
  private MasterInfo self;
  private Optional<MasterInfo> leader = Optional.empty();
  private boolean recovered;
  private int life;

  /**
   * @param running how many masters run; a leader recovers when they are a quorum
   */
  MasterHost(
      EmulatorConfig config,
      EventLoopGroup group,
      LongAdder sent,
      Loop loop,
      Ids ids,
      Cluster cluster,
      Registry registry,
      AtomicInteger running) {
    this.config = config;
    this.group = group;
    this.sent = sent;
    this.loop = loop;
    this.ids = ids;
    this.cluster = cluster;
    this.registry = registry;
    this.running = running;
  }

  /** Starts the process. */
  void start(boolean first) throws IOException {
    if (port == null) {
      port = KeptPort.any();
    }
    Authentication authentication = new Authentication(config.credentials());
    door = new MasterDoor(group, port.number(), sent, loop, ids, authentication);
    running.incrementAndGet();
    MasterInfo info = Infos.master(config, ids.uuid().toString(), port.number()).info();
    loop.execute(
        () -> {
          self = info;
          int mine = ++life;
          door.lead(new Leadership.Unavailable("Master has not finished recovery"), null);
          if (first && config.zooKeeper().isEmpty()) {
            recovered = true;
          } else {
            recoverLater(mine);
          }
        });
    election =
        config.zooKeeper().isEmpty()
            ? Election.alone()
            : new ZooKeeperElection(config.zooKeeper(), config.zooKeeperSession());
    election.join(
        info,
        new Election.Contender() {
          @Override
          public void leader(Optional<MasterInfo> now) {
            loop.execute(
                () -> {
                  leader = now;
                  settle();
                });
          }

          @Override
          public void lost() {
            loop.execute(MasterHost.this::lost);
          }
        });
  }

  private void recoverLater(int mine) {
    loop.after(
        RECOVERY,
        () -> {
          if (life != mine || door == null) {
            return;
          }
          if (running.get() * 2 > config.masters()) {
            recovered = true;
            settle();
          } else {
            recoverLater(mine);
          }
        });
  }

  private void settle() {
    if (door == null) {
      return;
    }
    if (leader.isEmpty()) {
      door.lead(new Leadership.Unavailable("No leader elected"), null);
    } else if (!leader.get().getId().equals(self.getId())) {
      door.lead(new Leadership.Elsewhere(leader.get().getHostname(), leader.get().getPort()), null);
    } else if (!recovered) {
      door.lead(new Leadership.Unavailable("Master has not finished recovery"), null);
    } else if (master == null) {
      master = new Master(loop, ids, Infos.master(config, self.getId(), port.number()), registry);
      master.start();
      cluster.lead(master);
      door.lead(new Leadership.Leading(), master);
    }
  }

  /** A leader that has lost ZooKeeper ends itself. */
  @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a door to close.
  private void lost() {
    if (master != null) {
      end();
      CompletableFuture.runAsync(this::closeDoor);
    }
  }

  /** Ends the process as {@code kill -9} does. */
  void kill() {
    if (door == null) {
      return;
    }
    election.abandon();
    closeDoor();
    loop.execute(this::end);
  }

  private void end() {
    life++;
    recovered = false;
    leader = Optional.empty();
    if (master != null) {
      master.stop();
      master = null;
      cluster.lead(null);
    }
  }

  private synchronized void closeDoor() {
    if (door != null) {
      door.close();
      door = null;
      running.decrementAndGet();
    }
  }

  /** Ends it for good. */
  void close() {
    kill();
    if (port != null) {
      port.close();
    }
  }

  /** 0 before its first start. */
  int port() {
    return port == null ? 0 : port.number();
  }

  boolean isUp() {
    return door != null;
  }

  /** The master, while it leads; on the loop only. */
  Optional<Master> leading() {
    return Optional.ofNullable(master);
  }
}
