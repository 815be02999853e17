/**
 * The peer on each host: fetches large blobs in pieces from other peers and from the proxy, and
 * gives them pieces in turn. What to ask whom for is decided in {@code swarm}; here is the network.
 */
package io.springtide.registry.peer;
