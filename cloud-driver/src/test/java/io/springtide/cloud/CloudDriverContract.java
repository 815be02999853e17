package io.springtide.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.springtide.cloud.CloudException.Fault;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What every driver promises, whatever cloud stands behind it. */
abstract class CloudDriverContract {
  /** The cloud behind the driver, as its owner sees it. */
  final ScriptedCloud cloud = new ScriptedCloud();

  abstract CloudDriver driver();

  abstract Map<String, String> settings();

  private CloudAccount account(String cluster) {
    return new CloudAccount(cluster, settings());
  }

  private OrderRequest request(String token, int count) {
    return new OrderRequest(
        account("tide"), token, "cloud", count, Resources.of(2000, 4096), Map.of("zone", "b"));
  }

  @Test
  void anOrderBringsItsHostsTaggedWithPoolAndToken() throws Exception {
    List<CloudHost> hosts = driver().order(request("order-1", 2));

    assertThat(hosts).hasSize(2).extracting(CloudHost::id).doesNotHaveDuplicates();
    assertThat(hosts)
        .allSatisfy(
            host -> {
              assertThat(host.pool()).isEqualTo("cloud");
              assertThat(host.token()).isEqualTo("order-1");
              assertThat(host.state()).isEqualTo(CloudHost.State.BOOTING);
            });
    assertThat(cloud.lastOrder())
        .isEqualTo(
            new ScriptedCloud.Order(
                "order-1", "tide", "cloud", 2, Resources.of(2000, 4096), Map.of("zone", "b")));
  }

  @Test
  void theSameTokenOrdersNothingNew() throws Exception {
    List<CloudHost> first = driver().order(request("order-1", 2));
    List<CloudHost> again = driver().order(request("order-1", 2));

    assertThat(again).isEqualTo(first);
    assertThat(driver().list(account("tide"))).hasSize(2);
  }

  @Test
  void aCloudMayBringOnlyAPart() throws Exception {
    cloud.stock(1);

    assertThat(driver().order(request("order-1", 3))).hasSize(1);
  }

  @Test
  void withoutStockNothingComesAndTheFaultSaysSo() {
    cloud.stock(0);

    assertThat(faultOf(request("order-1", 1)).fault()).isEqualTo(Fault.OUT_OF_STOCK);
  }

  @Test
  void aThrottledOrderSaysHowLongToWait() {
    cloud.throttleOnce(Duration.ofSeconds(7));

    CloudException e = faultOf(request("order-1", 1));

    assertThat(e.fault()).isEqualTo(Fault.THROTTLED);
    assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void anOtherRequestUnderTheSameTokenIsRefusedForGood() throws Exception {
    driver().order(request("order-1", 1));

    assertThat(faultOf(request("order-1", 2)).fault()).isEqualTo(Fault.REFUSED);
  }

  @Test
  void anOrderThatWasDoneButNotAnsweredIsSettledByTheSameToken() throws Exception {
    cloud.loseNextAnswer();

    assertThat(faultOf(request("order-1", 2)).fault()).isEqualTo(Fault.UNKNOWN_OUTCOME);

    List<CloudHost> settled = driver().order(request("order-1", 2));
    assertThat(driver().list(account("tide"))).isEqualTo(settled).hasSize(2);
  }

  @Test
  void theLargestOrderIsBroughtListedAndGivenBackWhole() throws Exception {
    List<CloudHost> hosts = driver().order(request("order-1", OrderRequest.MAX_COUNT));

    assertThat(hosts).hasSize(OrderRequest.MAX_COUNT);
    assertThat(driver().list(account("tide"))).isEqualTo(hosts);
    for (int from = 0; from < hosts.size(); from += CloudDriver.MAX_RELEASED) {
      Set<String> some =
          hosts.subList(from, from + CloudDriver.MAX_RELEASED).stream()
              .map(CloudHost::id)
              .collect(Collectors.toSet());
      assertThat(driver().release(account("tide"), some)).isEmpty();
    }
    assertThat(driver().list(account("tide")))
        .filteredOn(host -> host.state() != CloudHost.State.RELEASED)
        .isEmpty();
  }

  @Test
  void onlyHostsOfTheClusterAreListed() throws Exception {
    driver().order(request("order-1", 1));

    assertThat(driver().list(account("tide"))).hasSize(1);
    assertThat(driver().list(account("ebb"))).isEmpty();
  }

  @Test
  void releasingIsByIdAndTwiceIsAsGoodAsOnce() throws Exception {
    List<CloudHost> hosts = driver().order(request("order-1", 2));
    String gone = hosts.get(0).id();

    assertThat(driver().release(account("tide"), Set.of(gone))).isEmpty();
    assertThat(driver().release(account("tide"), Set.of("never-heard-of")))
        .as("what it does not know is not taken for given back")
        .containsExactly("never-heard-of");
    driver().release(account("tide"), Set.of(gone));

    assertThat(driver().list(account("tide")))
        .filteredOn(host -> host.state() != CloudHost.State.RELEASED)
        .containsExactly(hosts.get(1));
  }

  @Test
  void aReleaseWithoutAnswerIsNotTakenForDone() throws Exception {
    String id = driver().order(request("order-1", 1)).get(0).id();
    cloud.loseNextAnswer();

    assertThatThrownBy(() -> driver().release(account("tide"), Set.of(id)))
        .isInstanceOfSatisfying(
            CloudException.class, e -> assertThat(e.fault()).isEqualTo(Fault.UNKNOWN_OUTCOME));
  }

  private CloudException faultOf(OrderRequest request) {
    CloudException e = catchThrowableOfType(CloudException.class, () -> driver().order(request));
    assertThat(e).as("the order should have failed").isNotNull();
    return e;
  }
}
