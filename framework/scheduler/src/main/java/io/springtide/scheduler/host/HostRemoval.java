package io.springtide.scheduler.host;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Outcome.Done;
import io.springtide.scheduler.event.Outcome.Kind;
import io.springtide.scheduler.event.Outcome.Refused;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.turn.LostAgents;
import io.springtide.scheduler.turn.Turn;
import java.util.List;
import java.util.Locale;

/** Takes a host out of the books that will not come back, if nothing depends on it any more. */
public final class HostRemoval {
  private final State state;
  private final LostAgents lostAgents;

  public HostRemoval(State state, LostAgents lostAgents) {
    this.state = state;
    this.lostAgents = lostAgents;
  }

  public Outcome remove(Event.RemoveHost remove, Turn turn) {
    Host host = state.host(remove.host()).orElse(null);
    if (host == null) {
      return new Refused(
          Kind.NOT_FOUND,
          "",
          "there is no host " + remove.host(),
          "GET /v1/hosts lists those there are");
    }
    List<Instance> there = state.instancesOn(host.id());
    if (!there.isEmpty()) {
      Instance first = there.get(0);
      return conflict(
          "%d instances are still on host %s, such as %s, which is %s"
              .formatted(there.size(), host.id(), first.id(), first.state()),
          first.state() == InstanceState.UNREACHABLE
              ? "wait until failure.unreachableAfter is over and they run elsewhere"
              : "drain the host first");
    }
    if (!gone(host)) {
      return conflict(
          "the agent of host %s is there: the host is %s"
              .formatted(host.id(), host.condition().name().toLowerCase(Locale.ROOT)),
          "drain it, stop its agent, and remove it when it is lost");
    }
    if (host.ordered() && host.wish() != Wish.RELEASE) {
      return conflict(
          "host " + host.id() + " was ordered and is paid for until it is given back",
          "release it instead: it goes when its cloud says that it is gone");
    }
    if (host.ordered() && !remove.vouched()) {
      return conflict(
          "host " + host.id() + " is being given back, and its cloud has not said that it is gone",
          "see the pool's status for what its cloud says; if you know that the machine is gone and"
              + " is not paid for, say so with gone=true");
    }
    turn.removeHost(host.id());
    host.origin().ifPresent(origin -> turn.put(new Gone(host.id(), origin, true, turn.now())));
    return new Done(0);
  }

  /** Whether it is unreachable, which is all that can be known of a dead host. */
  private boolean gone(Host host) {
    return host.condition() == HostCondition.LOST
        || host.agent().isEmpty()
        || (host.warden().filter(task -> task.state().alive()).isEmpty()
            && lostAgents.contains(host.agentId()));
  }

  private static Refused conflict(String detail, String fix) {
    return new Refused(Kind.CONFLICT, "", detail, fix);
  }
}
