package io.springtide.scheduler.goal;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a deployment is.
 *
 * @param canaries how many are to be replaced before the others; 0: none, or they were promoted
 * @param updated instances that run, or are to run next, what it leads to
 * @param healthy those of them that have served for long enough
 * @param total instances that there are, those above the job's number included
 * @param unplaced those of {@code updated} that wait for a place
 * @param deadline by when the next of {@code updated} must be healthy; empty: none is awaited
 */
public record Progress(
    int canaries, int updated, int healthy, int total, int unplaced, Optional<Instant> deadline) {}
