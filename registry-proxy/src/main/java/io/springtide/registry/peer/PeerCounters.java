package io.springtide.registry.peer;

import java.util.concurrent.atomic.LongAdder;

/** What a peer counts since its start. Bytes are those of pieces. */
public final class PeerCounters {
  final LongAdder fromPeers = new LongAdder();
  final LongAdder fromProxy = new LongAdder();
  final LongAdder toPeers = new LongAdder();
  final LongAdder lies = new LongAdder();
  final LongAdder straight = new LongAdder();

  /** Bytes of right pieces that came from other peers. */
  public long bytesFromPeers() {
    return fromPeers.sum();
  }

  /** Bytes of right pieces that came from the proxy. */
  public long bytesFromProxy() {
    return fromProxy.sum();
  }

  /** Bytes of pieces sent to other peers. */
  public long bytesToPeers() {
    return toPeers.sum();
  }

  /** Pieces that were not what they should have been. */
  public long lies() {
    return lies.sum();
  }

  /** Blobs, or rests of blobs, that were pulled straight from the proxy. */
  public long straight() {
    return straight.sum();
  }
}
