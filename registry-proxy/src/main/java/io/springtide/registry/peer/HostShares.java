package io.springtide.registry.peer;

import io.springtide.registry.store.BlobStore;

/**
 * What this host gives to other peers.
 *
 * @param guests who may have what
 * @param fetches with the pieces that are here so far
 * @param store with the blobs that are whole
 * @param uploads how much goes out at a time
 */
record HostShares(
    Guests guests, SwarmFetches fetches, BlobStore store, Uploads uploads, PeerCounters counters) {}
