package io.springtide.partition.answer;

/**
 * An instance on borrowed room that must make way. Its room is kept for the claimant.
 *
 * @param instance the instance to stop
 * @param job its job
 * @param group the group that borrowed
 * @param host where it is
 * @param pool the host's pool
 * @param claimant the job that gets the room, or {@link #BUFFER}
 */
public record Eviction(
    String instance, String job, String group, String host, String pool, String claimant) {
  /** Stands for a job where the room refills the pool's buffer; no job has this id. */
  public static final String BUFFER = "the pool's buffer";
}
