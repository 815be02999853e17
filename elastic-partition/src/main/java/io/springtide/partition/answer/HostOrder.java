package io.springtide.partition.answer;

/**
 * Hosts to order.
 *
 * @param pool the pool whose template is ordered
 * @param count how many, 1 or more
 */
public record HostOrder(String pool, int count) {}
