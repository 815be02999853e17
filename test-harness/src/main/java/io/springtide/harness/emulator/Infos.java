package io.springtide.harness.emulator;

import io.springtide.harness.emulator.agent.AgentConfig;
import io.springtide.harness.emulator.master.MasterConfig;
import io.springtide.harness.emulator.resources.ResourceText;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.DomainInfo;
import org.apache.mesos.v1.Protos.MasterInfo;
import org.apache.mesos.v1.Protos.Value;

/** Configuration into the messages that masters and agents show of themselves. */
final class Infos {

  /** 127.0.0.1 as Mesos packs it. */
  private static final int LOOPBACK = 0x0100007f;

  private Infos() {}

  static MasterConfig master(EmulatorConfig config, String id, int port) {
    MasterInfo.Builder info =
        MasterInfo.newBuilder()
            .setId(id)
            .setIp(LOOPBACK)
            .setPort(port)
            .setPid("master@127.0.0.1:" + port)
            .setHostname(config.hostname())
            .setVersion("1.12.0");
    info.getAddressBuilder().setHostname(config.hostname()).setIp("127.0.0.1").setPort(port);
    info.addCapabilitiesBuilder().setType(MasterInfo.Capability.Type.AGENT_UPDATE);
    info.addCapabilitiesBuilder().setType(MasterInfo.Capability.Type.AGENT_DRAINING);
    if (!config.zone().isEmpty()) {
      info.setDomain(domain(config.zone()));
    }
    Map<String, String> flags = new TreeMap<>();
    flags.put("allocation_interval", config.timings().allocationInterval().toMillis() + "ms");
    flags.put("agent_ping_timeout", config.timings().agentPingTimeout().toMillis() + "ms");
    flags.put("ip", "127.0.0.1");
    flags.put("port", String.valueOf(port));
    return new MasterConfig(info.build(), config.timings(), config.roles(), flags);
  }

  static void check(AgentSpec spec) {
    ResourceText.parse(spec.resources());
  }

  static AgentConfig agent(EmulatorConfig config, AgentSpec spec, int port, Path workDir) {
    AgentInfo.Builder info =
        AgentInfo.newBuilder()
            .setHostname(spec.hostname())
            .setPort(port)
            .addAllResources(ResourceText.parse(spec.resources()));
    spec.attributes().forEach((name, value) -> info.addAttributes(attribute(name, value)));
    if (!spec.zone().isEmpty()) {
      info.setDomain(domain(spec.zone()));
    }
    return new AgentConfig(
        spec.name(),
        info.build(),
        "slave(1)@127.0.0.1:" + port,
        workDir,
        config.timings(),
        config.executorTokens(),
        config.executorEnvironment());
  }

  private static Attribute attribute(String name, String value) {
    Attribute.Builder out = Attribute.newBuilder().setName(name);
    if (value.matches("-?[0-9]+(\\.[0-9]+)?")) {
      out.setType(Value.Type.SCALAR).getScalarBuilder().setValue(Double.parseDouble(value));
    } else {
      out.setType(Value.Type.TEXT).getTextBuilder().setValue(value);
    }
    return out.build();
  }

  private static DomainInfo domain(String regionAndZone) {
    String[] parts = regionAndZone.split("/", 2);
    DomainInfo.Builder out = DomainInfo.newBuilder();
    out.getFaultDomainBuilder().getRegionBuilder().setName(parts[0]);
    out.getFaultDomainBuilder().getZoneBuilder().setName(parts.length > 1 ? parts[1] : parts[0]);
    return out.build();
  }
}
