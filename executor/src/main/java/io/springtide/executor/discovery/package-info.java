/**
 * Announces endpoints: the {@link io.springtide.executor.discovery.Discovery} SPI and Consul. Knows
 * nothing of Mesos and of what runs behind an endpoint.
 */
package io.springtide.executor.discovery;
