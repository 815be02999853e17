package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.json.ProtoPrinter;
import io.springtide.harness.emulator.wire.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.MachineID;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.Unavailability;
import org.apache.mesos.v1.allocator.Protos.InverseOfferStatus;
import org.apache.mesos.v1.maintenance.Protos.ClusterStatus;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.maintenance.Protos.Window;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** The maintenance schedule, inverse offers, and machines that are down. */
final class Maintenance {

  private final MasterState state;
  private final Allocator allocator;
  private Offers offers;
  private final Map<String, InverseOffer> inverse = new LinkedHashMap<>();
  private final Map<String, Map<String, InverseOfferStatus>> answers = new LinkedHashMap<>();
  private final Map<String, Instant> refused = new HashMap<>();

  Maintenance(MasterState state, Allocator allocator) {
    this.state = state;
    this.allocator = allocator;
  }

  void start(Offers offersOfMaster) {
    offers = offersOfMaster;
    state.loop.after(state.config.timings().allocationInterval(), this::batch);
  }

  private void batch() {
    if (!state.stopped) {
      state.agents.values().forEach(this::ask);
      state.loop.after(state.config.timings().allocationInterval(), this::batch);
    }
  }

  /** When the agent's machine is scheduled to be away. */
  static Optional<Unavailability> unavailability(MasterState state, Agent agent) {
    return state.registry.schedule.getWindowsList().stream()
        .filter(window -> window.getMachineIdsList().contains(machine(agent.info, agent.pid)))
        .map(Window::getUnavailability)
        .findFirst();
  }

  private static MachineID machine(AgentInfo info, String pid) {
    String address = pid.substring(pid.indexOf('@') + 1);
    return MachineID.newBuilder()
        .setHostname(info.getHostname().toLowerCase(java.util.Locale.ROOT))
        .setIp(address.contains(":") ? address.substring(0, address.lastIndexOf(':')) : address)
        .build();
  }

  boolean down(AgentInfo info) {
    return state.registry.down.contains(
        ProtoPrinter.print(machine(info, "@127.0.0.1:" + info.getPort())));
  }

  /** Sends inverse offers of an agent to whoever uses it and was not asked lately. */
  private void ask(Agent agent) {
    Optional<Unavailability> unavailability = unavailability(state, agent);
    if (unavailability.isEmpty() || !agent.connected) {
      return;
    }
    for (Framework framework : state.frameworks.values()) {
      boolean uses =
          !agent.usedBy(framework.id).isEmpty()
              || agent.offers.values().stream().anyMatch(o -> o.frameworkId.equals(framework.id));
      boolean asked =
          inverse.values().stream()
              .anyMatch(o -> o.agentId().equals(agent.id) && o.frameworkId().equals(framework.id));
      Instant until = refused.get(framework.id + " " + agent.id);
      boolean quiet = until != null && until.isAfter(state.loop.now());
      if (framework.connected && uses && !asked && !quiet) {
        send(framework, agent, unavailability.get());
      }
    }
  }

  private void send(Framework framework, Agent agent, Unavailability unavailability) {
    InverseOffer offer = new InverseOffer(state.nextOfferId(), framework.id, agent.id);
    inverse.put(offer.id(), offer);
    Event.Builder event = Event.newBuilder().setType(Event.Type.INVERSE_OFFERS);
    event
        .getInverseOffersBuilder()
        .addInverseOffersBuilder()
        .setId(Events.offer(offer.id()))
        .setUrl(Offers.url(agent))
        .setFrameworkId(Events.framework(framework.id))
        .setAgentId(Events.agent(agent.id))
        .setUnavailability(unavailability);
    framework.send(event.build());
  }

  /** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS; ids that are not valid are ignored. */
  void answer(
      Framework framework,
      List<OfferID> ids,
      InverseOfferStatus.Status answer,
      double refuseSeconds) {
    for (OfferID id : ids) {
      InverseOffer offer = inverse.get(id.getValue());
      if (offer == null || !offer.frameworkId().equals(framework.id)) {
        continue;
      }
      inverse.remove(offer.id());
      InverseOfferStatus status =
          InverseOfferStatus.newBuilder()
              .setStatus(answer)
              .setFrameworkId(Events.framework(framework.id))
              .setTimestamp(Events.time(state.loop.now()))
              .build();
      answers
          .computeIfAbsent(offer.agentId(), key -> new LinkedHashMap<>())
          .put(framework.id, status);
      double seconds = refuseSeconds < 0 ? Filters.DEFAULT_REFUSE_SECONDS : refuseSeconds;
      refused.put(
          framework.id + " " + offer.agentId(),
          state.loop.now().plus(Duration.ofNanos((long) (Math.min(seconds, 3e7) * 1e9))));
    }
  }

  void rescindAll(Agent agent) {
    for (InverseOffer offer : List.copyOf(inverse.values())) {
      if (offer.agentId().equals(agent.id)) {
        inverse.remove(offer.id());
        Framework framework = state.frameworks.get(offer.frameworkId());
        if (framework != null) {
          framework.send(Events.rescindInverse(offer.id()));
        }
      }
    }
  }

  void drop(Framework framework) {
    inverse.values().removeIf(offer -> offer.frameworkId().equals(framework.id));
  }

  void added(Agent agent) {
    answers.remove(agent.id);
  }

  void drainAgain(Agent agent) {
    ask(agent);
  }

  /** UPDATE_MAINTENANCE_SCHEDULE. */
  Reply update(Schedule schedule) {
    Set<String> seen = new HashSet<>();
    for (Window window : schedule.getWindowsList()) {
      if (window.getMachineIdsCount() == 0) {
        return Reply.error(400, "List of machines in the maintenance window is empty");
      }
      for (MachineID machine : window.getMachineIdsList()) {
        if (machine.getHostname().isEmpty() && machine.getIp().isEmpty()) {
          return Reply.error(400, "Both 'hostname' and 'ip' for a machine are empty");
        }
        if (!seen.add(ProtoPrinter.print(machine))) {
          return Reply.error(
              400,
              "Machine '"
                  + ProtoPrinter.print(machine)
                  + "' appears more than once in the schedule");
        }
      }
    }
    Schedule before = state.registry.schedule;
    state.registry.schedule = schedule;
    for (Agent agent : List.copyOf(state.agents.values())) {
      MachineID machine = machine(agent.info, agent.pid);
      if (!window(before, machine).equals(window(schedule, machine))) {
        answers.remove(agent.id);
        refused.keySet().removeIf(key -> key.endsWith(" " + agent.id));
        offers.rescindAll(agent);
        rescindAll(agent);
        allocator.allocateSoon(List.of(agent.id));
        state.loop.execute(() -> state.loop.execute(() -> ask(agent)));
      }
    }
    return Reply.OK;
  }

  private static Optional<Window> window(Schedule schedule, MachineID machine) {
    return schedule.getWindowsList().stream()
        .filter(window -> window.getMachineIdsList().contains(machine))
        .findFirst();
  }

  /** START_MAINTENANCE: the agents on these machines are removed and shut down. */
  Reply start(Departures departures, List<MachineID> machines) {
    if (machines.isEmpty()) {
      return Reply.error(400, "List of machines is empty");
    }
    for (MachineID machine : machines) {
      if (window(state.registry.schedule, machine).isEmpty()
          || state.registry.down.contains(ProtoPrinter.print(machine))) {
        return Reply.error(
            400,
            "Machine '"
                + ProtoPrinter.print(machine)
                + "' is not in DRAINING mode and cannot be brought down");
      }
    }
    for (MachineID machine : machines) {
      state.registry.down.add(ProtoPrinter.print(machine));
      for (Agent agent : List.copyOf(state.agents.values())) {
        if (machine(agent.info, agent.pid).equals(machine)) {
          agent.peer.shutdown("Operator initiated 'Machine DOWN'");
          departures.remove(agent, "Operator initiated 'Machine DOWN'");
        }
      }
    }
    return Reply.OK;
  }

  /** STOP_MAINTENANCE: the machines are up and out of the schedule. */
  Reply stop(List<MachineID> machines) {
    if (machines.isEmpty()) {
      return Reply.error(400, "List of machines is empty");
    }
    for (MachineID machine : machines) {
      if (!state.registry.down.contains(ProtoPrinter.print(machine))) {
        return Reply.error(
            400,
            "Machine '"
                + ProtoPrinter.print(machine)
                + "' is not in DOWN mode and cannot be brought up");
      }
    }
    Schedule.Builder left = Schedule.newBuilder();
    for (Window window : state.registry.schedule.getWindowsList()) {
      List<MachineID> stay =
          window.getMachineIdsList().stream().filter(m -> !machines.contains(m)).toList();
      if (!stay.isEmpty()) {
        left.addWindows(window.toBuilder().clearMachineIds().addAllMachineIds(stay));
      }
    }
    state.registry.schedule = left.build();
    machines.forEach(machine -> state.registry.down.remove(ProtoPrinter.print(machine)));
    return Reply.OK;
  }

  /** GET_MAINTENANCE_STATUS. */
  ClusterStatus status() {
    ClusterStatus.Builder status = ClusterStatus.newBuilder();
    for (Window window : state.registry.schedule.getWindowsList()) {
      for (MachineID machine : window.getMachineIdsList()) {
        if (state.registry.down.contains(ProtoPrinter.print(machine))) {
          status.addDownMachines(machine);
        } else {
          var draining = status.addDrainingMachinesBuilder().setId(machine);
          for (Agent agent : state.agents.values()) {
            if (machine(agent.info, agent.pid).equals(machine)) {
              draining.addAllStatuses(answers.getOrDefault(agent.id, Map.of()).values());
            }
          }
        }
      }
    }
    return status.build();
  }
}
