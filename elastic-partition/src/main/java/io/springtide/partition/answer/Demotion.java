package io.springtide.partition.answer;

import static java.util.Objects.requireNonNull;

/**
 * An instance that was guaranteed, and is borrowed from now on: its group's guarantee has become
 * too small for it.
 *
 * @param instance the instance's id
 * @param job the job it replicates
 * @param group the job's group
 * @param pool where it runs
 * @param why in words, with what is guaranteed by now
 */
public record Demotion(String instance, String job, String group, String pool, String why) {
  public Demotion {
    requireNonNull(instance);
    requireNonNull(job);
    requireNonNull(group);
    requireNonNull(pool);
    requireNonNull(why);
  }
}
