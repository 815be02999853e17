/**
 * Runs containers: the {@link io.springtide.executor.runtime.ContainerRuntime} SPI and its two
 * runtimes, the Docker engine and plain processes. Knows nothing of Mesos, health or discovery.
 */
package io.springtide.executor.runtime;
