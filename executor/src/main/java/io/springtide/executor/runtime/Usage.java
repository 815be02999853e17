package io.springtide.executor.runtime;

/**
 * What a container has used.
 *
 * @param cpuMillis processor time since its start, in milliseconds
 * @param memoryBytes resident memory now, without the page cache
 */
public record Usage(long cpuMillis, long memoryBytes) {}
