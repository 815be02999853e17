package io.springtide.partition.answer;

import io.springtide.partition.model.Label;
import java.util.List;

/**
 * Where an instance goes; booked already.
 *
 * @param instance the instance's id
 * @param host the host
 * @param pool the host's pool
 * @param label why it may be there
 * @param ports the host ports it holds, fixed ones first in the job's order, then dynamic ones
 */
public record Placement(
    String instance, String host, String pool, Label label, List<Integer> ports) {}
