package io.springtide.harness.emulator.live;

import io.springtide.mesos.CallListener;
import io.springtide.mesos.HttpMesos;
import io.springtide.mesos.WireOptions;
import java.net.URI;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;

/** Another framework in another role, which looks at every offer and wants none. */
final class Neighbour implements Scheduler, CallListener<Call>, AutoCloseable {

  private final HttpMesos mesos;
  private Call.Builder id = Call.newBuilder();

  Neighbour(URI master) {
    mesos = new HttpMesos(master.toString(), WireOptions.defaults(), this, this);
    mesos.start();
  }

  @Override
  public void connected(Mesos connected) {
    Call.Builder call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    FrameworkInfo.Builder info = call.getSubscribeBuilder().getFrameworkInfoBuilder();
    info.setUser("nobody").setName("neighbour").addRoles("neighbour");
    info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE);
    connected.send(call.build());
  }

  @Override
  public void disconnected(Mesos disconnected) {
    // The client subscribes again.
  }

  @Override
  public void received(Mesos from, Event event) {
    if (event.getType() == Event.Type.SUBSCRIBED) {
      id = Call.newBuilder().setFrameworkId(event.getSubscribed().getFrameworkId());
    }
    if (event.getType() == Event.Type.OFFERS) {
      Call.Builder decline = id.clone().setType(Call.Type.DECLINE);
      event
          .getOffers()
          .getOffersList()
          .forEach(offer -> decline.getDeclineBuilder().addOfferIds(offer.getId()));
      decline.getDeclineBuilder().getFiltersBuilder().setRefuseSeconds(0.5);
      from.send(decline.build());
    }
  }

  @Override
  public void refused(Call call, int status, String message) {
    // Its offers may have been rescinded meanwhile: nobody cares.
  }

  @Override
  public void failed(Call call, Fate fate, String reason) {
    // The same.
  }

  @Override
  public void close() {
    mesos.close();
  }
}
