package io.springtide.scheduler.state;

import io.springtide.scheduler.config.CoreConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Brings the stamps that earlier processes left into the time of this one (decision 0087). Between
 * two processes the wall clock may have been set: nothing can have begun after now, and nothing
 * rests for longer than its policy lets it rest. A stamp that lies too far back cannot be told from
 * a true one; so whatever a silence brings about is counted from the restore on, see {@link
 * Deadlines}.
 */
public final class Anchor {
  private Anchor() {}

  /** What mends a state that is taken over now. */
  public static List<Change> changes(State state, CoreConfig.Times times, Instant now) {
    List<Change> all = new ArrayList<>();
    for (Job job : state.jobs().values()) {
      put(job, job.notAfter(now), Change.JobPut::new, all);
      state.runs(job.id()).ifPresent(r -> put(r, r.notAfter(now), Change.RunsPut::new, all));
      for (Deployment deployment : state.deploymentsOf(job.id())) {
        put(deployment, deployment.notAfter(now), Change.DeploymentPut::new, all);
      }
      for (Instance instance : state.instancesOf(job.id())) {
        Duration rest = job.spec().failure().delayAfter(Math.max(1, instance.failures()));
        put(instance, instance.notAfter(now, now.plus(rest)), Change.InstancePut::new, all);
      }
    }
    for (Host host : state.hosts().values()) {
      Duration rest = times.hosts().warden().after(host.seat().failures() - 1);
      put(host, host.notAfter(now, now.plus(rest)), Change.HostPut::new, all);
    }
    for (Gone gone : state.gone().values()) {
      put(gone, gone.notAfter(now), Change.GonePut::new, all);
    }
    for (Order order : state.orders().values()) {
      put(order, order.notAfter(now), Change.OrderPut::new, all);
    }
    for (Stray stray : state.strays().values()) {
      put(stray, stray.notAfter(now), Change.StrayPut::new, all);
    }
    for (Remains remains : state.remains().values()) {
      put(remains, remains.notAfter(now), Change.RemainsPut::new, all);
    }
    // All or none: they stay in their order.
    if (state.receipts().stream().anyMatch(receipt -> receipt.at().isAfter(now))) {
      for (Receipt receipt : state.receipts()) {
        all.add(new Change.ReceiptPut(receipt.notAfter(now)));
      }
    }
    return all;
  }

  private static <T> void put(T before, T after, Function<T, Change> change, List<Change> all) {
    if (!after.equals(before)) {
      all.add(change.apply(after));
    }
  }
}
