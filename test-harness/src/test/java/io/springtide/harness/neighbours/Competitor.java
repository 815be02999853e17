package io.springtide.harness.neighbours;

import io.springtide.harness.emulator.SimulatedMesos;
import io.springtide.harness.emulator.wire.EventStream;
import java.time.Duration;
import java.time.Instant;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * Another framework in another role. It looks at every offer, wants none, and would look again
 * after a second; it measures for how long it is without any.
 */
final class Competitor implements EventStream<Event> {
  private static final double REFUSES_FOR_SECONDS = 1;

  private final SimulatedMesos mesos;
  private String streamId;
  private String id = "";
  private Instant last;
  private Duration longest = Duration.ZERO;
  private int offers;

  Competitor(SimulatedMesos mesos) {
    this.mesos = mesos;
    last = mesos.loop().now();
    FrameworkInfo.Builder info =
        FrameworkInfo.newBuilder().setUser("nobody").setName("competitor").addRoles("competitor");
    info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE);
    info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT);
    Call.Subscribe subscribe = Call.Subscribe.newBuilder().setFrameworkInfo(info).build();
    mesos.loop().execute(() -> streamId = mesos.subscribe(subscribe, this));
  }

  @Override
  public void send(Event event) {
    if (event.getType() == Event.Type.SUBSCRIBED) {
      id = event.getSubscribed().getFrameworkId().getValue();
    } else if (event.getType() == Event.Type.OFFERS) {
      offers += event.getOffers().getOffersCount();
      longest = longest();
      last = mesos.loop().now();
      Call.Builder decline = Call.newBuilder().setType(Call.Type.DECLINE);
      decline.getFrameworkIdBuilder().setValue(id);
      event
          .getOffers()
          .getOffersList()
          .forEach(o -> decline.getDeclineBuilder().addOfferIds(o.getId()));
      decline.getDeclineBuilder().getFiltersBuilder().setRefuseSeconds(REFUSES_FOR_SECONDS);
      mesos.loop().execute(() -> mesos.call(decline.build(), streamId));
    }
  }

  @Override
  public void end() {
    throw new AssertionError("the master ends the subscription");
  }

  /** Begins to measure anew. */
  void reset() {
    longest = Duration.ZERO;
    offers = 0;
    last = mesos.loop().now();
  }

  /** The longest time without an offer since the last reset, until now. */
  Duration longest() {
    Duration running = Duration.between(last, mesos.loop().now());
    return running.compareTo(longest) > 0 ? running : longest;
  }

  int offers() {
    return offers;
  }
}
