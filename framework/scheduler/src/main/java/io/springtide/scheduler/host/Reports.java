package io.springtide.scheduler.host;

import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.HostReport.Engine;
import io.springtide.scheduler.told.HostReport.Kind;
import io.springtide.scheduler.told.HostReport.Machine;
import io.springtide.scheduler.told.HostReport.Warning;
import io.springtide.scheduler.turn.DirtySet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The last report of each host's warden. */
public final class Reports {
  private static final Duration CLOCK = Duration.ofSeconds(2);
  private static final int LEAST_FREE_PERCENT = 10;

  private static final class Of {
    final String host;
    final Set<String> everReady = new HashSet<>();
    HostReport last;

    Of(String host) {
      this.host = host;
    }
  }

  private final State state;
  private final DirtySet dirty;
  private final Map<String, Of> byAgent = new HashMap<>();

  public Reports(State state, DirtySet dirty) {
    this.state = state;
    this.dirty = dirty;
  }

  /**
   * Takes over a report, and returns the host that it is of. Only of hosts of ours: whoever else
   * can send messages must not fill our memory.
   */
  public Optional<Host> reported(String agentId, HostReport report) {
    Of of = byAgent.get(agentId);
    if (of == null || !state.host(of.host).map(Host::agentId).orElse("").equals(agentId)) {
      of = known(agentId);
    }
    if (of == null) {
      return Optional.empty();
    }
    if (of.last == null || !of.last.engines().equals(report.engines())) {
      state.instancesOn(of.host).forEach(dirty::shown);
    }
    of.last = report;
    for (Engine engine : report.engines()) {
      if (engine.ready()) {
        of.everReady.add(engine.name());
      }
    }
    dirty.shownHost(of.host);
    return state.host(of.host);
  }

  /** Looks for the host of an agent that has not reported yet, and forgets agents that went. */
  private Of known(String agentId) {
    byAgent
        .keySet()
        .retainAll(state.hosts().values().stream().map(Host::agentId).collect(Collectors.toSet()));
    for (Host host : state.hosts().values()) {
      if (host.agentId().equals(agentId)) {
        return byAgent.computeIfAbsent(agentId, id -> new Of(host.id()));
      }
    }
    return null;
  }

  public Optional<HostReport> of(Host host) {
    return Optional.ofNullable(byAgent.get(host.agentId())).map(of -> of.last);
  }

  /** Why this runtime of the host does not answer; empty while it does, or nobody has said. */
  public Optional<String> silence(String host, String runtime) {
    return state
        .host(host)
        .flatMap(this::of)
        .flatMap(
            report ->
                report.engines().stream()
                    .filter(engine -> engine.name().equals(runtime) && !engine.ready())
                    .map(Engine::detail)
                    .findFirst());
  }

  /** What a person should look at on that host. */
  public List<Warning> warnings(Host host) {
    Of of = byAgent.get(host.agentId());
    List<Warning> warnings = new ArrayList<>();
    if (of == null) {
      return warnings;
    }
    of.last.machine().ifPresent(machine -> add(machine, warnings));
    boolean noneReady = of.last.engines().stream().noneMatch(Engine::ready);
    for (Engine engine : of.last.engines()) {
      if (!engine.ready() && (noneReady || of.everReady.contains(engine.name()))) {
        warnings.add(new Warning(Kind.ENGINE, engine.name() + ": " + engine.detail()));
      }
    }
    return warnings;
  }

  private static void add(Machine machine, List<Warning> warnings) {
    Duration offset = machine.clockOffset();
    if (offset.abs().compareTo(CLOCK) > 0) {
      String way = offset.isNegative() ? "behind" : "ahead of";
      String seconds = offset.abs().toSeconds() + " s ";
      warnings.add(new Warning(Kind.CLOCK, "its clock is " + seconds + way + " the framework's"));
    }
    if (machine.diskFreeMiB() * 100 < machine.diskMiB() * LEAST_FREE_PERCENT) {
      warnings.add(
          new Warning(
              Kind.DISK,
              "%d of %d MiB of its disk are left"
                  .formatted(machine.diskFreeMiB(), machine.diskMiB())));
    }
  }
}
