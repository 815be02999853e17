package io.springtide.harness.bench.wire;

/**
 * What {@code tide bench wire} found.
 *
 * @param offersDecodedPerSecond offers that reached the scheduler, in OFFERS events of 1,000
 * @param clientCpuMicrosPerOffer CPU time of the client's threads for one of them
 * @param offersEventBytes size of such an event on the wire
 * @param updateRoundTripsPerSecond updates sent, received, acknowledged over the pipelined
 *     connection and answered 202, at full speed
 * @param updatesInFlight updates sent and not acknowledged yet during that
 * @param clientCpuMicrosPerUpdate CPU time of the client's threads for one such round trip
 * @param ackP99Millis from sending an update to receiving its acknowledgement, at full speed
 * @param ackP50MillisAtRate the same at a steady rate of {@code pacedUpdatesPerSecond}
 * @param ackP99MillisAtRate the same at a steady rate of {@code pacedUpdatesPerSecond}
 * @param pacedUpdatesPerSecond the steady rate
 * @param floodEvents events sent as fast as the socket takes them
 * @param floodEventsPerSecond how fast the scheduler took them
 * @param floodHeapGrowthBytes live heap after the flood, less live heap before it
 * @param floodHeapPeakBytes most heap in use during the flood, garbage included
 * @param floodHeapSteady whether the live heap grew by less than 4 MiB
 * @param cores processors that the JVM may use
 * @param java version of the JVM
 */
record WireReport(
    long offersDecodedPerSecond,
    double clientCpuMicrosPerOffer,
    int offersEventBytes,
    long updateRoundTripsPerSecond,
    int updatesInFlight,
    double clientCpuMicrosPerUpdate,
    double ackP99Millis,
    double ackP50MillisAtRate,
    double ackP99MillisAtRate,
    int pacedUpdatesPerSecond,
    int floodEvents,
    long floodEventsPerSecond,
    long floodHeapGrowthBytes,
    long floodHeapPeakBytes,
    boolean floodHeapSteady,
    int cores,
    String java) {}
