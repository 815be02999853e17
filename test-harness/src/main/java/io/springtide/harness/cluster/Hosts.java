package io.springtide.harness.cluster;

import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.partition.model.Resources;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Brings emulated hosts, each with ports of its own, and takes them away. */
public final class Hosts implements AutoCloseable {
  private final MesosEmulator mesos;
  private final PortBlocks ports = new PortBlocks();

  public Hosts(MesosEmulator mesos) {
    this.mesos = mesos;
  }

  /** Starts a host whose agent says {@code node=id} and the attributes; it registers by itself. */
  public void start(String id, Resources resources, Map<String, String> attributes)
      throws IOException {
    Map<String, String> all = new TreeMap<>(attributes);
    all.put("node", id);
    PortBlocks.Block block = ports.take();
    mesos.addAgent(AgentSpec.of(id, text(resources, block), all));
  }

  /** Switches a host off, and everything that runs on it. */
  void remove(String id) {
    mesos.stopAgent(id, false);
    mesos.removeAgent(id);
  }

  /** Resources as an agent's {@code --resources} flag writes them. */
  static String text(Resources resources, PortBlocks.Block block) {
    StringJoiner text = new StringJoiner(";");
    text.add(
        "cpus:"
            + BigDecimal.valueOf(resources.cpuMillis(), 3).stripTrailingZeros().toPlainString());
    text.add("mem:" + resources.memoryMiB());
    if (resources.diskMiB() > 0) {
      text.add("disk:" + resources.diskMiB());
    }
    if (resources.gpus() > 0) {
      text.add("gpus:" + resources.gpus());
    }
    resources.scalars().forEach((name, amount) -> text.add(name + ":" + amount));
    return text.add("ports:[" + block.first() + "-" + block.last() + "]").toString();
  }

  @Override
  public void close() throws IOException {
    ports.close();
  }
}
