package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.cloud.CloudAccount;
import io.springtide.cloud.CloudDriver;
import io.springtide.cloud.CloudDrivers;
import io.springtide.cloud.CloudException;
import io.springtide.cloud.CloudHost;
import io.springtide.cloud.OrderRequest;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble.Doing;
import io.springtide.scheduler.told.CloudTrouble.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** In virtual time, and without a thread: requests run when the test lets them. */
class CloudDeskTest {
  private final Deque<Event> events = new ArrayDeque<>();
  private static final Cloud CLOUD = new Cloud("test", Map.of("region", "r1"));

  private final Deque<OrderRequest> asked = new ArrayDeque<>();
  private final Deque<Runnable> requests = new ArrayDeque<>();
  private final ScriptedDriver cloud = new ScriptedDriver();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private int room = 10;
  private final CloudDesk desk =
      new CloudDesk(
          new CloudDrivers(List.of(cloud)), "prod", events::add, this::execute, () -> now);

  private void execute(Runnable request) {
    if (requests.size() >= room) {
      throw new RejectedExecutionException("full");
    }
    requests.add(request);
  }

  private void run() {
    while (!requests.isEmpty()) {
      requests.remove().run();
    }
  }

  /** An order is carried out, and its hosts are reported. */
  private void comesThrough() {
    desk.order(order("t1", "test", 2));
    run();
    assertThat(events.remove()).isInstanceOf(Event.HostsOrdered.class);
  }

  @Test
  void anOrderIsCarriedOutAndItsHostsReported() {
    desk.order(order("t1", "test", 2));
    assertThat(events).as("nothing before the cloud has answered").isEmpty();
    run();
    assertThat(events.remove())
        .isInstanceOfSatisfying(
            Event.HostsOrdered.class,
            e -> {
              assertThat(e.token()).isEqualTo("t1");
              assertThat(e.hosts()).extracting(host -> host.id()).containsExactly("h1");
            });
    OrderRequest request = asked.remove();
    assertThat(request.account().cluster()).isEqualTo("prod");
    assertThat(request.account().settings()).containsEntry("region", "r1");
  }

  @Test
  void noStockAndARefusalAreTold() {
    cloud.fault = CloudException.Fault.OUT_OF_STOCK;
    desk.order(order("t1", "test", 2));
    run();
    assertThat(((Event.OrderRefused) events.remove()).kind()).isEqualTo(Kind.OUT_OF_STOCK);
    cloud.fault = CloudException.Fault.REFUSED;
    desk.order(order("t2", "test", 2));
    run();
    assertThat(((Event.OrderRefused) events.remove()).kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void whatHasNoKnownOutcomeIsSaidToHaveNoneAndMayBeAskedAgain() {
    cloud.fault = CloudException.Fault.UNKNOWN_OUTCOME;
    desk.order(order("t1", "test", 2));
    run();
    assertThat(events.remove())
        .as("it settles nothing")
        .isEqualTo(failed(Doing.ORDER, "t1", Kind.UNANSWERED, Duration.ZERO));
    cloud.fault = null;
    comesThrough();
  }

  @Test
  void anOrderThatIsUnderWayIsNotSentTwice() {
    desk.order(order("t1", "test", 2));
    desk.order(order("t1", "test", 2));
    assertThat(requests).hasSize(1);
    desk.order(order("t2", "test", 2));
    assertThat(requests).as("another order is another matter").hasSize(2);
    run();
    desk.order(order("t1", "test", 2));
    assertThat(requests).as("once it is over it may be asked again").hasSize(1);
  }

  @Test
  void aCloudThatIsThrottledIsLeftAloneForAsLongAsItSays() {
    cloud.fault = CloudException.Fault.THROTTLED;
    cloud.retryAfter = Duration.ofSeconds(30);
    desk.order(order("t1", "test", 2));
    run();
    assertThat(events.remove())
        .isEqualTo(failed(Doing.ORDER, "t1", Kind.THROTTLED, Duration.ofSeconds(30)));
    isLeftAloneFor(Duration.ofSeconds(30));
  }

  private void isLeftAloneFor(Duration time) {
    now = now.plus(time).minusNanos(1);
    desk.order(order("t1", "test", 2));
    desk.list(new Effect.ListHosts(CLOUD));
    desk.release(new Effect.ReleaseHosts(CLOUD, List.of("h1")));
    assertThat(requests).isEmpty();
    now = now.plusNanos(1);
    desk.order(order("t1", "test", 2));
    assertThat(requests).hasSize(1);
  }

  @Test
  void aCloudThatDoesNotSayForHowLongIsLeftAloneForAWhile() {
    cloud.fault = CloudException.Fault.THROTTLED;
    cloud.retryAfter = Duration.ZERO;
    desk.order(order("t1", "test", 2));
    run();
    isLeftAloneFor(Duration.ofSeconds(5));
  }

  @Test
  void aRequestThatFindsNoRoomMayBeMadeAgain() {
    room = 0;
    desk.order(order("t1", "test", 2));
    room = 1;
    comesThrough();
  }

  @Test
  void aDriversOwnFaultIsAnUnknownOutcome() {
    cloud.bug = true;
    desk.order(order("t1", "test", 2));
    run();
    assertThat(((Event.CloudFailed) events.remove()).kind()).isEqualTo(Kind.UNANSWERED);
    cloud.bug = false;
    comesThrough();
  }

  @Test
  void aReleaseThatDidNotComeThroughIsNotTakenForDone() {
    cloud.fault = CloudException.Fault.UNKNOWN_OUTCOME;
    Effect.ReleaseHosts release = new Effect.ReleaseHosts(CLOUD, List.of("h1"));
    desk.release(release);
    desk.list(new Effect.ListHosts(CLOUD));
    run();
    assertThat(events.remove())
        .isEqualTo(failed(Doing.RELEASE, "", Kind.UNANSWERED, Duration.ZERO));
    assertThat(events.remove()).isEqualTo(failed(Doing.LIST, "", Kind.UNANSWERED, Duration.ZERO));
    cloud.fault = null;
    desk.release(release);
    run();
    assertThat(events.remove()).isEqualTo(new Event.HostsReleased(CLOUD, List.of("h1"), List.of()));
  }

  @Test
  void aDriverThatIsNotThereRefuses() {
    desk.order(order("t1", "tset", 1));
    assertThat(((Event.OrderRefused) events.remove()).reason())
        .contains("no cloud driver 'tset'", "test");
    desk.release(new Effect.ReleaseHosts(new Cloud("tset", Map.of()), List.of("h1")));
    desk.list(new Effect.ListHosts(new Cloud("tset", Map.of())));
    assertThat(events)
        .extracting(event -> ((Event.CloudFailed) event).kind())
        .containsExactly(Kind.NO_DRIVER, Kind.NO_DRIVER);
  }

  @Test
  void theCoreAsksForNoMoreThanAnyDriverTakes() {
    assertThat(Order.MOST_HOSTS).isLessThanOrEqualTo(OrderRequest.MAX_COUNT);
    desk.order(order("t1", "test", Order.MOST_HOSTS));
    run();
    assertThat(asked.remove().count()).isEqualTo(Order.MOST_HOSTS);
  }

  @Test
  void whatTheCloudDoesNotKnowIsNotTakenForGivenBack() {
    cloud.knows = false;
    desk.release(new Effect.ReleaseHosts(CLOUD, List.of("h1")));
    run();
    assertThat(events.remove()).isEqualTo(new Event.HostsReleased(CLOUD, List.of(), List.of("h1")));
  }

  @Test
  void aListTellsTheHostsOfAllPoolsWithTheirPools() {
    desk.list(new Effect.ListHosts(CLOUD));
    run();
    Event.HostsListed listed = (Event.HostsListed) events.remove();
    assertThat(listed.hosts())
        .extracting(host -> host.id() + " " + host.pool())
        .containsExactly("h1 cloud", "h2 other");
    desk.release(new Effect.ReleaseHosts(CLOUD, List.of("h1")));
    run();
    assertThat(events.remove()).isEqualTo(new Event.HostsReleased(CLOUD, List.of("h1"), List.of()));
  }

  private static Event failed(Doing doing, String token, Kind kind, Duration retryAfter) {
    return new Event.CloudFailed(CLOUD, doing, token, kind, "scripted", retryAfter);
  }

  private static Effect.OrderHosts order(String token, String driver, int count) {
    return new Effect.OrderHosts(token, "cloud", template(driver), count);
  }

  private static HostTemplate template(String driver) {
    return new HostTemplate(driver, Resources.of(1000, 1000), Map.of(), Map.of("region", "r1"));
  }

  private final class ScriptedDriver implements CloudDriver {
    private CloudException.Fault fault;
    private Duration retryAfter = Duration.ZERO;
    private boolean bug;
    private boolean knows = true;

    private void fail() throws CloudException {
      if (bug) {
        throw new IllegalStateException("a driver's own fault");
      }
      if (fault != null) {
        throw new CloudException(fault, "scripted", retryAfter, null);
      }
    }

    @Override
    public String name() {
      return "test";
    }

    @Override
    public void check(Map<String, String> settings) {}

    @Override
    public List<CloudHost> order(OrderRequest request) throws CloudException {
      asked.add(request);
      fail();
      return List.of(new CloudHost("h1", "cloud", request.token(), CloudHost.State.BOOTING));
    }

    @Override
    public List<CloudHost> list(CloudAccount account) throws CloudException {
      fail();
      return List.of(
          new CloudHost("h1", "cloud", "t1", CloudHost.State.RUNNING),
          new CloudHost("h2", "other", "t2", CloudHost.State.RUNNING));
    }

    @Override
    public Set<String> release(CloudAccount account, Set<String> ids) throws CloudException {
      fail();
      return knows ? Set.of() : ids;
    }

    @Override
    public void close() {}
  }
}
