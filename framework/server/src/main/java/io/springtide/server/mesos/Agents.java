package io.springtide.server.mesos;

import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Maintenance;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.DrainState;
import org.apache.mesos.v1.Protos.MachineID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.maintenance.Protos.Window;
import org.apache.mesos.v1.master.Protos.Response.GetAgents;

/** Reads what the master says of its agents into the core's words. */
final class Agents {
  private Agents() {}

  /**
   * All agents.
   *
   * @param schedule when machines are away; empty: not known
   * @param role ours: what is reserved to others is not for us
   */
  static Event.AgentsReported read(GetAgents answer, Optional<Schedule> schedule, String role) {
    Map<MachineID, Maintenance> away = new HashMap<>();
    Map<String, Maintenance> byHostname = new HashMap<>();
    for (Window window : schedule.orElse(Schedule.getDefaultInstance()).getWindowsList()) {
      for (MachineID machine : window.getMachineIdsList()) {
        Maintenance maintenance = Events.maintenance(window.getUnavailability());
        away.put(machine, maintenance);
        byHostname.put(machine.getHostname(), maintenance);
      }
    }
    List<AgentReport> reports =
        answer.getAgentsList().stream()
            .map(agent -> report(agent, role, Optional.ofNullable(away.get(machine(agent)))))
            .toList();
    Set<String> recovering = new HashSet<>();
    for (AgentInfo agent : answer.getRecoveredAgentsList()) {
      recovering.add(agent.getId().getValue());
    }
    return new Event.AgentsReported(reports, recovering, schedule.map(known -> byHostname));
  }

  /**
   * What the master takes it for: the name it gives, in small letters, and where it connects from.
   */
  private static MachineID machine(GetAgents.Agent agent) {
    String pid = agent.getPid();
    String address = pid.substring(pid.indexOf('@') + 1);
    int colon = address.lastIndexOf(':');
    return MachineID.newBuilder()
        .setHostname(agent.getAgentInfo().getHostname().toLowerCase(Locale.ROOT))
        .setIp(colon < 0 ? address : address.substring(0, colon))
        .build();
  }

  private static AgentReport report(
      GetAgents.Agent agent, String role, Optional<Maintenance> maintenance) {
    OfferedRoom room =
        new OfferedRoom(
            agent.getTotalResourcesList().stream()
                .filter(resource -> openTo(role, resource))
                .toList());
    return new AgentReport(
        agent.getAgentInfo().getId().getValue(),
        state(agent),
        room.total(),
        room.ports(),
        maintenance);
  }

  private static AgentReport.State state(GetAgents.Agent agent) {
    if (agent.hasDrainInfo()) {
      return agent.getDrainInfo().getState() == DrainState.DRAINED
          ? AgentReport.State.DRAINED
          : AgentReport.State.DRAINING;
    }
    // An agent that is merely out of touch is not active either; that is not for us to show.
    return agent.getDeactivated() ? AgentReport.State.DEACTIVATED : AgentReport.State.ACTIVE;
  }

  /** Unreserved, or reserved to our role or one above it. */
  private static boolean openTo(String role, Resource resource) {
    int last = resource.getReservationsCount() - 1;
    String owner =
        last >= 0
            ? resource.getReservations(last).getRole()
            : resource.hasRole() ? resource.getRole() : "*";
    return owner.equals("*") || owner.equals(role) || role.startsWith(owner + "/");
  }
}
