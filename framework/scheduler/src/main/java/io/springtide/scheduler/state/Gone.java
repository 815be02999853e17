package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.scheduler.config.Durations;
import java.time.Instant;

/**
 * A host that we ordered and that is no more among our hosts: remembered for a while, since its
 * cloud or its agent may speak of it once more. Until it is forgotten its cloud is listed. The same
 * is remembered of an order that brought nothing.
 *
 * @param id the cloud's; of an order its token
 * @param origin where it came from
 * @param givenBack whether it is to be gone; if not, we gave it up because its cloud no longer
 *     listed it, and it may still come
 * @param since when it went, or was last listed as being there
 */
public record Gone(String id, Origin origin, boolean givenBack, Instant since) {
  public Gone {
    requireNonNull(id);
    requireNonNull(origin);
    requireNonNull(since);
  }

  /** The host with no stamp after {@code now}. */
  Gone notAfter(Instant now) {
    return new Gone(id, origin, givenBack, Durations.earlier(since, now));
  }
}
