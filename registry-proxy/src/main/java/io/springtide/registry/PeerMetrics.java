package io.springtide.registry;

import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.peer.HostPeer;
import io.springtide.registry.peer.PeerCounters;

/** What a peer counts, among the other metrics. */
final class PeerMetrics {
  private PeerMetrics() {}

  static void show(HostPeer peer, ProxyMetrics metrics) {
    PeerCounters counters = peer.counters();
    metrics.gauge("springtide_registry_peer_hosts", "Live hosts, as the proxy says", peer::hosts);
    metrics.counter(
        "springtide_registry_peer_bytes_from_peers",
        "Bytes of pieces from other peers",
        counters::bytesFromPeers);
    metrics.counter(
        "springtide_registry_peer_bytes_from_proxy",
        "Bytes of pieces from the proxy",
        counters::bytesFromProxy);
    metrics.counter(
        "springtide_registry_peer_bytes_to_peers",
        "Bytes of pieces sent to other peers",
        counters::bytesToPeers);
    metrics.counter(
        "springtide_registry_peer_lies",
        "Pieces that were not what they should be",
        counters::lies);
    metrics.counter(
        "springtide_registry_peer_straight",
        "Blobs, or rests of blobs, pulled straight from the proxy",
        counters::straight);
  }
}
