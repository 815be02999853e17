package io.springtide.registry.peer;

import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.swarm.SwarmRules;
import io.springtide.registry.tracker.Messages.Self;

/**
 * What every fetch of a peer works with.
 *
 * @param self by which others know this peer
 * @param files of the blobs that are arriving
 * @param store of the blobs that are whole
 * @param guests who may be let in, and who sent wrong bytes
 * @param proxy what is said to it
 * @param connections to other peers
 */
record PeerKit(
    Self self,
    SwarmRules rules,
    PeerLimits limits,
    PeerFiles files,
    BlobStore store,
    PeerCounters counters,
    Guests guests,
    ProxyLink proxy,
    HttpConnections connections,
    Uploads uploads,
    TrackerReports reports) {}
