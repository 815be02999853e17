package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.HostTemplate;
import io.springtide.scheduler.told.Cloud;

/**
 * Where a host came from that we ordered; never changed, whatever becomes of its pool: it is to
 * this cloud, with these settings, that it is given back (promise 6).
 *
 * @param order token of the order that brought it
 * @param pool that it was ordered for
 * @param template as it was when it was ordered: its driver, and the driver's settings such as
 *     region and endpoint
 */
public record Origin(String order, String pool, HostTemplate template) {
  public Origin {
    requireNonNull(order);
    requireNonNull(pool);
    requireNonNull(template);
  }

  /** The cloud that it came from. */
  public Cloud cloud() {
    return Cloud.of(template);
  }
}
