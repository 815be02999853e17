package io.springtide.scheduler.event;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.model.Label;
import io.springtide.scheduler.job.Violation;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a change would bring about, once everything has come to rest. Nothing of it is done.
 *
 * @param version of the state that it is a change of
 * @param stops instances whose task would end, evictions apart
 * @param placements where what waits then would run, hosts to be ordered included
 * @param evictions who would have to make way, and for whom
 * @param demotions guaranteed instances that would become borrowed, and why
 * @param promotions borrowed instances that would become guaranteed
 * @param orders hosts that would be ordered
 * @param releases hosts that would be given back, once they have been idle for long enough
 * @param waiting by job: what would go on waiting, and why
 * @param violations by job: what a group's policy or limits would not have any more, and what runs
 * @param microsPerHourBefore what all hosts cost per hour now, those on order included, in
 *     millionths
 * @param microsPerHourAfter what they would cost then
 */
public record Plan(
    long version,
    List<String> stops,
    List<Place> placements,
    List<Eviction> evictions,
    List<Demotion> demotions,
    List<String> promotions,
    List<HostOrder> orders,
    List<String> releases,
    Map<String, Unplaced> waiting,
    Map<String, List<Violation>> violations,
    long microsPerHourBefore,
    long microsPerHourAfter) {
  public Plan {
    stops = List.copyOf(stops);
    placements = List.copyOf(placements);
    evictions = List.copyOf(evictions);
    demotions = List.copyOf(demotions);
    promotions = List.copyOf(promotions);
    orders = List.copyOf(orders);
    releases = List.copyOf(releases);
    violations = Collections.unmodifiableMap(new TreeMap<>(violations));
    waiting = Collections.unmodifiableMap(new TreeMap<>(waiting));
  }

  /**
   * Where an instance would be.
   *
   * @param host its id; of a host to be ordered a name that only this plan knows
   * @param toCome whether the host is not there yet
   */
  public record Place(
      String instance, String job, String pool, String host, boolean toCome, Label label) {}

  /**
   * Instances of a job that would find no place.
   *
   * @param instances how many
   * @param reasons the most telling first
   */
  public record Unplaced(int instances, List<Waiting> reasons) {
    public Unplaced {
      reasons = List.copyOf(reasons);
    }

    /** With others of the job, which are to run another revision. */
    public Unplaced and(Unplaced others) {
      return new Unplaced(
          instances + others.instances,
          Stream.concat(reasons.stream(), others.reasons.stream()).distinct().toList());
    }
  }
}
