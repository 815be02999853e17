package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What one instance of a revision of a job takes of a host. Where it may be, and before whom, is
 * the job's matter, and the same for all of its revisions.
 *
 * @param revision the number of the revision
 * @param each not zero
 * @param fixedPorts host ports that each instance must have, distinct
 * @param dynamicPorts how many more ports each instance gets from the host's range, 0 or more
 */
public record Footprint(long revision, Resources each, List<Integer> fixedPorts, int dynamicPorts) {
  public Footprint {
    requireNonNull(each);
    fixedPorts = List.copyOf(fixedPorts);
  }
}
