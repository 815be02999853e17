package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;

/**
 * Divides what is free as Mesos' hierarchical allocator does: agent by agent, the role with the
 * smallest dominant share first, in it the framework with the smallest; who is next gets all that
 * is there and not filtered. Runs on a subscription, a new agent and REVIVE at once, else at the
 * next interval.
 */
final class Allocator {

  /** {@code --min_allocatable_resources}: 0.01 cpus or 32 MB. */
  private static final long MIN_CPU_MILLI = 10;

  private static final long MIN_MEM_MILLI = 32_000;

  private final MasterState state;
  private final Filters filters = new Filters();
  private final Shares roleShares;
  private final Quotas quotas;
  private final Map<String, Shares> frameworkShares = new HashMap<>();
  private final Random shuffle;
  private final Set<String> candidates = new LinkedHashSet<>();
  private BiConsumer<Framework, List<Grant>> sink = (framework, grants) -> {};
  private boolean scheduled;
  private Bag total = Bag.EMPTY;

  Allocator(MasterState state) {
    this.state = state;
    this.roleShares = new Shares(new Weights(state)::of);
    this.quotas = new Quotas(state);
    this.shuffle = new Random(state.ids.below(Integer.MAX_VALUE));
  }

  /** All that is offered of one agent to one role of a framework. */
  record Grant(Framework framework, Agent agent, String role, Bag resources) {}

  void start(BiConsumer<Framework, List<Grant>> offers) {
    sink = offers;
    state.loop.after(state.config.timings().allocationInterval(), this::batch);
  }

  Filters filters() {
    return filters;
  }

  private void batch() {
    if (state.stopped) {
      return;
    }
    allocate(state.agents.keySet());
    state.loop.after(state.config.timings().allocationInterval(), this::batch);
  }

  /** Allocates all agents soon: as soon as what is under way is done. */
  void allocateSoon() {
    allocateSoon(state.agents.keySet());
  }

  void allocateSoon(Collection<String> agents) {
    candidates.addAll(agents);
    if (!scheduled) {
      scheduled = true;
      state.loop.execute(
          () -> {
            scheduled = false;
            Set<String> now = new LinkedHashSet<>(candidates);
            candidates.clear();
            if (!state.stopped) {
              allocate(now);
            }
          });
    }
  }

  /** An agent came with these resources. */
  void added(Bag resources) {
    size(total.plus(resources.unallocated()));
  }

  /** An agent went. */
  void removed(Bag resources) {
    size(total.minus(resources.unallocated()));
  }

  private void size(Bag all) {
    total = all;
    roleShares.total(all);
    frameworkShares.values().forEach(shares -> shares.total(all));
  }

  /** Resources now belong to a framework, offered or used. */
  void allocated(String frameworkId, String role, Bag resources) {
    roleShares.allocate(role, resources);
    shares(role).allocate(frameworkId, resources);
  }

  /** They do not any more. */
  void freed(String frameworkId, String role, Bag resources) {
    roleShares.free(role, resources);
    shares(role).free(frameworkId, resources);
  }

  void removedFramework(String frameworkId) {
    filters.clearFramework(frameworkId);
    frameworkShares.values().forEach(shares -> shares.remove(frameworkId));
  }

  private Shares shares(String role) {
    return frameworkShares.computeIfAbsent(
        role,
        r -> {
          Shares shares = new Shares();
          shares.total(total);
          return shares;
        });
  }

  private void allocate(Collection<String> agentIds) {
    List<Agent> agents = new ArrayList<>();
    for (String id : agentIds) {
      Agent agent = state.agents.get(id);
      if (agent != null && offerable(agent) && !agent.available().isEmpty()) {
        agents.add(agent);
      }
    }
    Map<String, List<Framework>> byRole = wanting();
    if (agents.isEmpty() || byRole.isEmpty()) {
      return;
    }
    Collections.shuffle(agents, shuffle);
    List<Grant> grants = new ArrayList<>();
    Bag free = state.registry.quotas.isEmpty() ? Bag.EMPTY : free();
    for (Agent agent : agents) {
      Bag available = agent.available();
      for (String role : byRole.keySet().stream().sorted(this::compare).toList()) {
        Shares shares = shares(role);
        List<Framework> frameworks = new ArrayList<>(byRole.get(role));
        frameworks.sort((a, b) -> shares.compare(a.id, b.id));
        for (Framework framework : frameworks) {
          Bag part = share(framework, role, agent, within(role, available, free));
          if (!part.isEmpty()) {
            grants.add(new Grant(framework, agent, role, part));
            available = available.minus(part);
            free = free.minus(part);
            allocated(framework.id, role, part);
          }
        }
      }
    }
    Offers.byFramework(grants).forEach(sink);
  }

  /** Who is owed something of its guarantee comes first. */
  private int compare(String a, String b) {
    boolean owedToA = !quotas.owed(a, roleShares).isEmpty();
    boolean owedToB = !quotas.owed(b, roleShares).isEmpty();
    return owedToA == owedToB ? roleShares.compare(a, b) : owedToA ? -1 : 1;
  }

  /** Unreserved resources that nobody has. */
  private Bag free() {
    Bag free = Bag.EMPTY;
    for (Agent agent : state.agents.values()) {
      if (offerable(agent)) {
        free = free.plus(agent.available().filter(r -> r.getReservationsCount() == 0));
      }
    }
    return free;
  }

  /** Cut down to what a role's limit allows, and what is not guaranteed to others. */
  private Bag within(String role, Bag available, Bag free) {
    if (state.registry.quotas.isEmpty()) {
      return available;
    }
    Map<String, Long> most = quotas.room(role, roleShares);
    Map<String, Long> mine = quotas.owed(role, roleShares);
    quotas
        .owedToOthers(role, roleShares)
        .forEach(
            (name, owed) -> {
              long spare = Math.max(mine.getOrDefault(name, 0L), free.milli(name) - owed);
              most.merge(name, Math.max(0, spare), Math::min);
            });
    return available.atMost(most);
  }

  private Map<String, List<Framework>> wanting() {
    Map<String, List<Framework>> byRole = new java.util.LinkedHashMap<>();
    for (Framework framework : state.frameworks.values()) {
      if (framework.active && framework.connected) {
        for (String role : framework.roles()) {
          if (!framework.suppressed.contains(role)) {
            byRole.computeIfAbsent(role, r -> new ArrayList<>()).add(framework);
          }
        }
      }
    }
    return byRole;
  }

  private boolean offerable(Agent agent) {
    return agent.connected && agent.active && !agent.deactivated && !agent.draining();
  }

  private Bag share(Framework framework, String role, Agent agent, Bag available) {
    if (agent.hasGpus() && !framework.can(FrameworkInfo.Capability.Type.GPU_RESOURCES)) {
      return Bag.EMPTY;
    }
    if (!OfferFilter.admits(framework.constraints, role, agent)) {
      return Bag.EMPTY;
    }
    if (remote(agent) && !framework.can(FrameworkInfo.Capability.Type.REGION_AWARE)) {
      return Bag.EMPTY;
    }
    boolean refined = framework.can(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT);
    Bag part =
        available.onlyUnreserved()
            ? available
            : available.filter(
                resource ->
                    openTo(resource, role) && (refined || resource.getReservationsCount() < 2));
    boolean worth = part.milli("cpus") >= MIN_CPU_MILLI || part.milli("mem") >= MIN_MEM_MILLI;
    if (!worth || filters.refuses(framework.id, role, agent.id, part, state.loop.now())) {
      return Bag.EMPTY;
    }
    return part;
  }

  private boolean remote(Agent agent) {
    return state.config.info().hasDomain()
        && agent.info.hasDomain()
        && !state
            .config
            .info()
            .getDomain()
            .getFaultDomain()
            .getRegion()
            .equals(agent.info.getDomain().getFaultDomain().getRegion());
  }

  private static boolean openTo(Resource resource, String role) {
    if (!ReservationFormat.reserved(resource)) {
      return true;
    }
    String owner = ReservationFormat.role(resource);
    return role.equals(owner) || role.startsWith(owner + "/");
  }
}
