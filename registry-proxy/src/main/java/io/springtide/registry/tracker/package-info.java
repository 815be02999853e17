/**
 * The proxy's part in a swarm: who is there, who has what, who gets to know whom, and what they say
 * to one another. No I/O and no clock; the proxy's doors call it.
 */
package io.springtide.registry.tracker;
