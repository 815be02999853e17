package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * The bounds within which a client works. {@link #defaults()} suits a production cluster.
 *
 * @param credential who the client says it is, if the other side asks
 * @param connectTimeout longest wait for a TCP connection
 * @param answerTimeout longest wait for the answer to a call; then the connection counts as dead
 * @param maxCallsInFlight calls sent and not yet answered, on the one pipelined connection
 * @param maxCallsQueued calls given to {@code send} and not yet answered; one more fails at once
 * @param maxEventsBuffered events received and not yet taken; when so many wait, the client stops
 *     reading the socket
 * @param maxBytesBuffered the same in bytes of the wire
 * @param stallTimeout longest time that the buffer may stay full; then the subscription is dropped
 *     and reported lost, for a scheduler that takes no events must not look alive
 * @param maxRecordBytes largest event taken
 * @param missedHeartbeats silence, in heartbeat intervals, after which a subscription is dropped
 * @param backoffMin first pause before the client subscribes again; doubles with each failure
 * @param backoffMax longest such pause
 */
public record WireOptions(
    Optional<Credential> credential,
    Duration connectTimeout,
    Duration answerTimeout,
    int maxCallsInFlight,
    int maxCallsQueued,
    int maxEventsBuffered,
    long maxBytesBuffered,
    Duration stallTimeout,
    int maxRecordBytes,
    int missedHeartbeats,
    Duration backoffMin,
    Duration backoffMax) {

  public WireOptions {
    requireNonNull(credential, "credential");
    positive("connectTimeout", connectTimeout.toMillis());
    positive("answerTimeout", answerTimeout.toMillis());
    positive("maxCallsInFlight", maxCallsInFlight);
    positive("maxCallsQueued", maxCallsQueued);
    positive("maxEventsBuffered", maxEventsBuffered);
    positive("maxBytesBuffered", maxBytesBuffered);
    positive("stallTimeout", stallTimeout.toMillis());
    positive("maxRecordBytes", maxRecordBytes);
    positive("missedHeartbeats", missedHeartbeats);
    positive("backoffMin", backoffMin.toMillis());
    if (backoffMax.compareTo(backoffMin) < 0) {
      throw new IllegalArgumentException("backoffMax is below backoffMin");
    }
  }

  /** No credential; 256 calls in flight; 15 s at most between two tries, as Mesos recommends. */
  public static WireOptions defaults() {
    return new WireOptions(
        Optional.empty(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        256,
        100_000,
        16_384,
        32 << 20,
        Duration.ofSeconds(60),
        RecordIo.DEFAULT_MAX_RECORD_BYTES,
        5,
        Duration.ofMillis(250),
        Duration.ofSeconds(15));
  }

  public WireOptions withCredential(Credential credential) {
    return with(
        Optional.of(credential),
        maxCallsInFlight,
        maxCallsQueued,
        maxEventsBuffered,
        maxBytesBuffered,
        stallTimeout);
  }

  public WireOptions withCalls(int maxInFlight, int maxQueued) {
    return with(
        credential, maxInFlight, maxQueued, maxEventsBuffered, maxBytesBuffered, stallTimeout);
  }

  public WireOptions withEventBuffer(int maxEvents, long maxBytes, Duration stallTimeout) {
    return with(credential, maxCallsInFlight, maxCallsQueued, maxEvents, maxBytes, stallTimeout);
  }

  private WireOptions with(
      Optional<Credential> nextCredential,
      int maxInFlight,
      int maxQueued,
      int maxEvents,
      long maxBytes,
      Duration nextStallTimeout) {
    return new WireOptions(
        nextCredential,
        connectTimeout,
        answerTimeout,
        maxInFlight,
        maxQueued,
        maxEvents,
        maxBytes,
        nextStallTimeout,
        maxRecordBytes,
        missedHeartbeats,
        backoffMin,
        backoffMax);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be positive");
    }
  }
}
