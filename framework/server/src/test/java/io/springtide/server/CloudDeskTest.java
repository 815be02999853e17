package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.cloud.CloudAccount;
import io.springtide.cloud.CloudDriver;
import io.springtide.cloud.CloudDrivers;
import io.springtide.cloud.CloudException;
import io.springtide.cloud.CloudHost;
import io.springtide.cloud.OrderRequest;
import io.springtide.partition.HostTemplate;
import io.springtide.partition.Resources;
import io.springtide.scheduler.Effect;
import io.springtide.scheduler.Event;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloudDeskTest {
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<OrderRequest> asked = new LinkedBlockingQueue<>();
  private final Cloud cloud = new Cloud();
  private final CloudDesk desk =
      new CloudDesk(new CloudDrivers(List.of(cloud)), "prod", events::add);

  @AfterEach
  void close() {
    desk.close();
  }

  @Test
  void anOrderIsCarriedOutAndItsHostsReported() throws Exception {
    desk.order(order("t1", "test", 2));
    assertThat(next(events))
        .isInstanceOfSatisfying(
            Event.HostsOrdered.class,
            e -> {
              assertThat(e.token()).isEqualTo("t1");
              assertThat(e.hosts()).extracting(host -> host.id()).containsExactly("h1");
            });
    OrderRequest request = next(asked);
    assertThat(request.account().cluster()).isEqualTo("prod");
    assertThat(request.account().settings()).containsEntry("region", "r1");
  }

  @Test
  void noStockAndARefusalAreTold() throws Exception {
    cloud.fault = CloudException.Fault.OUT_OF_STOCK;
    desk.order(order("t1", "test", 2));
    assertThat(((Event.OrderRefused) next(events)).outOfStock()).isTrue();
    cloud.fault = CloudException.Fault.REFUSED;
    desk.order(order("t2", "test", 2));
    assertThat(((Event.OrderRefused) next(events)).outOfStock()).isFalse();
  }

  @Test
  void whatHasNoKnownOutcomeIsNotReportedAndMayBeAskedAgain() throws Exception {
    cloud.fault = CloudException.Fault.UNKNOWN_OUTCOME;
    desk.order(order("t1", "test", 2));
    next(asked);
    cloud.fault = null;
    // The first attempt may still be ending; the core repeats itself, as here.
    Event event = null;
    for (int i = 0; i < 100 && event == null; i++) {
      desk.order(order("t1", "test", 2));
      event = events.poll(100, TimeUnit.MILLISECONDS);
    }
    assertThat(event).isInstanceOf(Event.HostsOrdered.class);
  }

  @Test
  void aDriverThatIsNotThereRefuses() throws Exception {
    desk.order(order("t1", "tset", 1));
    assertThat(((Event.OrderRefused) next(events)).reason())
        .contains("no cloud driver 'tset'", "test");
  }

  @Test
  void aListTellsOnlyThePoolsOwnHosts() throws Exception {
    desk.list(new Effect.ListHosts("cloud", template("test")));
    Event.HostsListed listed = (Event.HostsListed) next(events);
    assertThat(listed.hosts()).extracting(host -> host.id()).containsExactly("h1");
    desk.release(new Effect.ReleaseHosts("cloud", template("test"), List.of("h1")));
    assertThat(next(events)).isEqualTo(new Event.HostsReleased("cloud", List.of("h1")));
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private static Effect.OrderHosts order(String token, String driver, int count) {
    return new Effect.OrderHosts(token, "cloud", template(driver), count);
  }

  private static HostTemplate template(String driver) {
    return new HostTemplate(driver, Resources.of(1000, 1000), Map.of(), Map.of("region", "r1"));
  }

  private final class Cloud implements CloudDriver {
    volatile CloudException.Fault fault;

    @Override
    public String name() {
      return "test";
    }

    @Override
    public void check(Map<String, String> settings) {}

    @Override
    public List<CloudHost> order(OrderRequest request) throws CloudException {
      asked.add(request);
      if (fault != null) {
        throw new CloudException(fault, "scripted", null);
      }
      return List.of(new CloudHost("h1", "cloud", request.token(), CloudHost.State.BOOTING));
    }

    @Override
    public List<CloudHost> list(CloudAccount account) {
      return List.of(
          new CloudHost("h1", "cloud", "t1", CloudHost.State.RUNNING),
          new CloudHost("h2", "other", "t2", CloudHost.State.RUNNING));
    }

    @Override
    public void release(CloudAccount account, Set<String> ids) {}

    @Override
    public void close() {}
  }
}
