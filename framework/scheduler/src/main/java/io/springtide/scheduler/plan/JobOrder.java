package io.springtide.scheduler.plan;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which jobs may come after which: those that finish, and never one after itself. */
final class JobOrder {
  private final State state;

  JobOrder(State state) {
    this.state = state;
  }

  /**
   * Refuses a job that could never begin.
   *
   * @param stored the job as it is: what it comes after already may have gone since
   * @throws InvalidModelException naming the job that it cannot come after
   */
  void check(JobSpec spec, Optional<JobSpec> stored) {
    for (int i = 0; i < spec.after().size(); i++) {
      String id = spec.after().get(i);
      String field = "after[" + i + "]";
      Optional<Job> other = state.job(id);
      boolean known = stored.filter(old -> old.after().contains(id)).isPresent();
      if (other.isEmpty() && !known) {
        throw new InvalidModelException(
            field, "there is no job " + id, "put that first, or write the id of a batch job");
      }
      if (other.filter(job -> job.spec().kind() != JobKind.BATCH).isPresent()) {
        throw new InvalidModelException(
            field,
            "job " + id + " is no batch job, and never finishes",
            "write the id of a batch job");
      }
      List<String> way = way(id, spec.id());
      if (!way.isEmpty()) {
        throw new InvalidModelException(
            field,
            "each would wait for the other: " + spec.id() + " after " + String.join(" after ", way),
            "leave out one of them");
      }
    }
  }

  /** How {@code from} comes after {@code to}, from one to the next; empty if it does not. */
  private List<String> way(String from, String to) {
    Map<String, String> before = new HashMap<>();
    Deque<String> open = new ArrayDeque<>(List.of(from));
    before.put(from, "");
    while (!open.isEmpty()) {
      String id = open.poll();
      if (id.equals(to)) {
        List<String> way = new ArrayList<>();
        for (String at = to; !at.isEmpty(); at = before.get(at)) {
          way.add(at);
        }
        Collections.reverse(way);
        return way;
      }
      state.job(id).map(job -> job.spec().after()).orElse(List.of()).stream()
          .filter(next -> before.putIfAbsent(next, id) == null)
          .forEach(open::add);
    }
    return List.of();
  }
}
