package io.springtide.registry.swarm;

/**
 * The numbers that peers go by. Times in nanoseconds.
 *
 * @param neighbours that a peer is given when it joins; others who join later come on top, so the
 *     mean degree is double
 * @param remoteNeighbours of those, how many in other racks
 * @param window pieces after the first missing one that are asked for first: what dockerd can be
 *     given next
 * @param inFlight requests to all neighbours together
 * @param inFlightEach requests to one neighbour
 * @param uploadQueue requests that wait at an uploader; more are refused
 * @param uploadSlots pieces that an uploader sends at a time
 * @param originCopies how often the origin sends each piece unless somebody is stuck
 * @param originInFlight requests of one peer to the origin
 * @param stall without any piece of a neighbour for this long, the peer turns to the origin,
 *     whatever its budget
 * @param late a piece that was asked for this many times longer ago than its neighbour usually
 *     takes is asked for again
 */
public record SwarmRules(
    int neighbours,
    int remoteNeighbours,
    int window,
    int inFlight,
    int inFlightEach,
    int uploadQueue,
    int uploadSlots,
    int originCopies,
    int originInFlight,
    long stall,
    int late) {
  public static final SwarmRules DEFAULT =
      new SwarmRules(5, 1, 32, 5, 2, 6, 1, 2, 1, 500_000_000L, 3);
}
