package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.URL;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** Makes offers, takes them back, and tells the frameworks of both. */
final class Offers {

  private static final Comparator<Resource> ORDER =
      Comparator.<Resource>comparingInt(r -> r.getName().equals("ports") ? 0 : 1)
          .thenComparingInt(
              r -> {
                int known = List.of("cpus", "gpus", "mem", "disk").indexOf(r.getName());
                return known < 0 ? 9 : known;
              })
          .thenComparingInt(r -> r.getReservationsCount() > 0 ? 0 : 1);

  private final MasterState state;
  private final Allocator allocator;

  Offers(MasterState state, Allocator allocator) {
    this.state = state;
    this.allocator = allocator;
  }

  /** Offers what an allocation gave to a framework: one event for all agents and roles. */
  void send(Framework framework, List<Allocator.Grant> grants) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.OFFERS);
    for (Allocator.Grant grant : grants) {
      Offer offer = make(framework, grant);
      state.offers.put(offer.id, offer);
      framework.offers.put(offer.id, offer);
      grant.agent().offer(offer);
      event.getOffersBuilder().addOffers(offer.message);
      if (!state.config.timings().offerTimeout().isZero()) {
        offer.timeout =
            state.loop.after(
                state.config.timings().offerTimeout(),
                () -> {
                  if (state.offers.containsKey(offer.id)) {
                    recover(offer);
                    rescind(offer);
                  }
                });
      }
    }
    framework.send(event.build());
  }

  private Offer make(Framework framework, Allocator.Grant grant) {
    Agent agent = grant.agent();
    Bag resources = grant.resources().allocatedTo(grant.role());
    boolean multiRole = framework.can(FrameworkInfo.Capability.Type.MULTI_ROLE);
    boolean refined = framework.can(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT);
    org.apache.mesos.v1.Protos.Offer.Builder message =
        org.apache.mesos.v1.Protos.Offer.newBuilder()
            .setId(Events.offer(state.nextOfferId()))
            .setFrameworkId(Events.framework(framework.id))
            .setAgentId(Events.agent(agent.id))
            .setHostname(agent.info.getHostname())
            .addAllAttributes(agent.info.getAttributesList());
    message.setUrl(url(agent));
    if (agent.info.hasDomain()) {
      message.setDomain(agent.info.getDomain());
    }
    for (Resource resource : resources.toList().stream().sorted(ORDER).toList()) {
      Resource shown = refined ? resource : ReservationFormat.older(resource);
      message.addResources(multiRole ? shown : shown.toBuilder().clearAllocationInfo().build());
    }
    agent
        .executors
        .getOrDefault(framework.id, Map.of())
        .values()
        .forEach(executor -> message.addExecutorIds(executor.getExecutorId()));
    if (multiRole) {
      message.getAllocationInfoBuilder().setRole(grant.role());
    }
    Maintenance.unavailability(state, agent).ifPresent(message::setUnavailability);
    return new Offer(
        framework.id,
        agent.id,
        grant.role(),
        Bag.of(resources.toList().stream().sorted(ORDER).toList()),
        message.build());
  }

  static URL url(Agent agent) {
    String address = agent.pid.substring(agent.pid.indexOf('@') + 1);
    URL.Builder url =
        URL.newBuilder()
            .setScheme("http")
            .setPath("/" + agent.pid.substring(0, agent.pid.indexOf('@')));
    url.getAddressBuilder()
        .setHostname(agent.info.getHostname())
        .setIp(address.substring(0, address.lastIndexOf(':')))
        .setPort(agent.info.getPort());
    return url.build();
  }

  /** Takes an offer out of the books, whatever becomes of its resources. */
  void remove(Offer offer) {
    state.offers.remove(offer.id);
    Framework framework = state.frameworks.get(offer.frameworkId);
    if (framework != null) {
      framework.offers.remove(offer.id);
    }
    Agent agent = state.agents.get(offer.agentId);
    if (agent != null) {
      agent.unoffer(offer);
    }
    if (offer.timeout != null) {
      offer.timeout.cancel();
    }
  }

  /** Takes an offer back and tells the framework. */
  void rescind(Offer offer) {
    remove(offer);
    Framework framework = state.frameworks.get(offer.frameworkId);
    if (framework != null) {
      framework.send(Events.rescind(offer.id));
    }
  }

  /** Gives the offer's resources back to the allocator, without a filter. */
  void recover(Offer offer) {
    allocator.freed(offer.frameworkId, offer.role, offer.resources);
  }

  /** Gives back what is left of an accepted or declined offer, under the framework's filter. */
  void decline(Offer offer, Bag left, double refuseSeconds) {
    allocator.freed(offer.frameworkId, offer.role, left);
    allocator
        .filters()
        .refuse(
            offer.frameworkId,
            offer.role,
            offer.agentId,
            left,
            refuseSeconds,
            state.loop.now(),
            state.config.timings().allocationInterval());
  }

  /** Rescinds all offers. */
  void rescindAll() {
    state.agents.values().forEach(this::rescindAll);
  }

  /** Rescinds all offers of an agent. */
  void rescindAll(Agent agent) {
    for (Offer offer : new ArrayList<>(agent.offers.values())) {
      recover(offer);
      rescind(offer);
    }
  }

  /** Drops all offers of a framework, which is not told. */
  void removeAll(Framework framework) {
    for (Offer offer : new ArrayList<>(framework.offers.values())) {
      recover(offer);
      remove(offer);
    }
  }

  /** Rescinds a framework's offers to roles that it has no more. */
  void rescindOutside(Framework framework, Set<String> roles) {
    for (Offer offer : new ArrayList<>(framework.offers.values())) {
      if (!roles.contains(offer.role)) {
        recover(offer);
        rescind(offer);
      }
    }
  }

  /** Grants by framework, in the order in which they were made. */
  static Map<Framework, List<Allocator.Grant>> byFramework(List<Allocator.Grant> grants) {
    Map<Framework, List<Allocator.Grant>> out = new LinkedHashMap<>();
    grants.forEach(
        grant -> out.computeIfAbsent(grant.framework(), f -> new ArrayList<>()).add(grant));
    return out;
  }
}
