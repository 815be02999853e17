package io.springtide.registry.upstream;

import java.time.Duration;

/**
 * How long to wait for a server.
 *
 * @param connect to open a connection, name look-up included
 * @param stall without a byte from a server that owes us some
 */
public record Timeouts(Duration connect, Duration stall) {}
