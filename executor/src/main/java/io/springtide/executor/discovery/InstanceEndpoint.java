package io.springtide.executor.discovery;

import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.health.HealthPolicy;
import java.util.Optional;

/**
 * Where an instance can be reached, and how it wants to be announced.
 *
 * @param task task id
 * @param job job id
 * @param instance instance id
 * @param generation of the attempt
 * @param address an address of the host, or the container's own
 * @param port the port at that address
 * @param entry what its job says
 * @param httpPath the path of its HTTP health check, if that goes to this port
 * @param policy of its health check
 */
public record InstanceEndpoint(
    String task,
    String job,
    String instance,
    long generation,
    String address,
    int port,
    TaskDocument.Discovery entry,
    Optional<String> httpPath,
    HealthPolicy policy) {}
