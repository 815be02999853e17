package io.springtide.harness.emulator.master;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.Protos.TimeInfo;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.quota.Protos.QuotaConfig;

/** What masters keep over a failover (Mesos keeps it in its replicated log). */
public final class Registry {
  final Map<String, AgentInfo> admitted = new LinkedHashMap<>();
  final Map<String, TimeInfo> unreachable = new LinkedHashMap<>();
  final Map<String, TimeInfo> gone = new LinkedHashMap<>();
  final Map<String, DrainConfig> draining = new LinkedHashMap<>();
  final Map<String, Boolean> deactivated = new LinkedHashMap<>();
  final Map<String, QuotaConfig> quotas = new LinkedHashMap<>();
  final Map<String, Double> weights = new LinkedHashMap<>();
  Schedule schedule = Schedule.getDefaultInstance();
  final java.util.Set<String> down = new java.util.LinkedHashSet<>();
}
