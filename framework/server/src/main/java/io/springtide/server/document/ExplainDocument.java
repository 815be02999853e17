package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.state.Attempt;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Why a job is not as it is wanted: what its instances wait for, with how many wait for each, the
 * most telling first; and how its last attempts failed, whatever its instances do now.
 */
public final class ExplainDocument {
  private static final int MOST_INSTANCES = 100;
  private static final int MOST_FAILURES = 10;
  private static final int MOST_WORDS = 3;

  /** Attempts that ended in the same words. */
  private record Ended(TaskState state, String reason, String message) {}

  private record Failure(Instance instance, Attempt attempt) {}

  /** What many wait for comes first; that the rest of an update waits for them comes last. */
  private static final Comparator<Map.Entry<String, Set<InstanceView>>> TELLING =
      Comparator.comparing(
              (Map.Entry<String, Set<InstanceView>> entry) ->
                  entry.getKey().equals(Waiting.UPDATE_BUDGET))
          .thenComparing(entry -> -entry.getValue().size());

  private ExplainDocument() {}

  public static ObjectNode write(JobView job) {
    // A set: two pools may refuse the same instance for the same reason. The first to be met is
    // the most telling.
    Map<String, Set<InstanceView>> byReason = new LinkedHashMap<>();
    int pending = job.missing();
    for (InstanceView view : job.instances()) {
      pending += view.instance().state() == InstanceState.PENDING ? 1 : 0;
      view.waiting()
          .forEach(w -> byReason.computeIfAbsent(w.reason(), r -> new LinkedHashSet<>()).add(view));
    }
    ObjectNode node = Documents.object();
    node.put("job", job.job().id());
    node.put("wanted", job.job().spec().instances());
    node.put("pending", pending);
    ArrayNode reasons = node.putArray("reasons");
    job.held().ifPresent(why -> reasons.add(held(why, job.missing())));
    byReason.entrySet().stream()
        .sorted(TELLING)
        .forEach(entry -> reasons.add(reason(entry.getKey(), entry.getValue())));
    node.set("failures", failures(job));
    ReadDocuments.avoids(node, job);
    ReadDocuments.rules(node, job);
    ArrayNode instances = node.putArray("instances");
    job.instances().stream()
        .filter(ExplainDocument::amiss)
        .limit(MOST_INSTANCES)
        .forEach(view -> instances.add(instance(view)));
    return node;
  }

  private static boolean amiss(InstanceView view) {
    InstanceState state = view.instance().state();
    return state == InstanceState.PENDING
        || state == InstanceState.FAILED
        || view.instance().failures() > 0
        || !view.waiting().isEmpty();
  }

  private static ObjectNode instance(InstanceView view) {
    Instance instance = view.instance();
    ObjectNode node = Documents.object();
    node.put("id", instance.id());
    node.put("state", instance.state().name());
    node.put("since", instance.since().toString());
    if (instance.state() == InstanceState.PENDING) {
      node.put("notBefore", instance.notBefore().toString());
    }
    node.put("restarts", instance.restarts());
    node.put("failures", instance.failures());
    node.set("waiting", ReadDocuments.waiting(view.waiting()));
    instance
        .last()
        .ifPresent(
            last ->
                node.put("lastState", last.state().name())
                    .put("lastMessage", last.message())
                    .put("lastHost", last.host())
                    .put("lastAt", last.at().toString()));
    return node;
  }

  /**
   * How attempts failed, as far as instances remember: those that ended alike together, the latest
   * first.
   */
  private static ArrayNode failures(JobView job) {
    Map<Ended, List<Failure>> alike = new LinkedHashMap<>();
    for (InstanceView view : job.instances()) {
      for (Attempt attempt : view.instance().history()) {
        if (failed(attempt, job)) {
          alike
              .computeIfAbsent(
                  new Ended(attempt.state(), attempt.reason(), attempt.message()),
                  ended -> new ArrayList<>())
              .add(new Failure(view.instance(), attempt));
        }
      }
    }
    ArrayNode list = Documents.mapper().createArrayNode();
    alike.values().stream()
        .sorted(Comparator.comparing(all -> latest(all).attempt().at(), Comparator.reverseOrder()))
        .limit(MOST_FAILURES)
        .forEach(all -> list.add(failure(all)));
    return list;
  }

  private static ObjectNode failure(List<Failure> all) {
    Failure last = latest(all);
    ObjectNode node = Documents.object();
    node.put("state", last.attempt().state().name());
    node.put("reason", last.attempt().reason());
    node.put("message", last.attempt().message());
    node.put("attempts", all.size());
    node.put("instances", all.stream().map(one -> one.instance().id()).distinct().count());
    node.put("hosts", all.stream().map(one -> one.attempt().host()).distinct().count());
    node.put("instance", last.instance().id());
    node.put("host", last.attempt().host());
    node.put("taskId", last.attempt().taskId());
    node.put("at", last.attempt().at().toString());
    return node;
  }

  private static Failure latest(List<Failure> all) {
    return all.stream().max(Comparator.comparing(one -> one.attempt().at())).orElseThrow();
  }

  /** A kill was somebody's will; a service that ends is a failure, however well it ends. */
  private static boolean failed(Attempt attempt, JobView job) {
    return switch (attempt.state()) {
      case KILLED -> false;
      case FINISHED -> job.job().spec().kind() != JobKind.BATCH;
      default -> true;
    };
  }

  /** Why instances are not there yet. */
  private static ObjectNode held(Waiting why, int instances) {
    return Documents.object()
        .put("reason", why.reason())
        .put("instances", instances)
        .put("hosts", why.hosts())
        .put("detail", why.detail())
        .put("freedBy", why.freedBy());
  }

  /** One reason of all that wait for it, in the words of the first few. */
  private static ObjectNode reason(String name, Set<InstanceView> views) {
    List<Waiting> all =
        views.stream()
            .flatMap(view -> view.waiting().stream())
            .filter(waiting -> waiting.reason().equals(name))
            .toList();
    List<Waiting> ofFirst =
        views.iterator().next().waiting().stream()
            .filter(waiting -> waiting.reason().equals(name))
            .toList();
    ObjectNode node = Documents.object();
    node.put("reason", name);
    node.put("instances", views.size());
    node.put("hosts", ofFirst.stream().mapToInt(Waiting::hosts).sum());
    node.put("detail", joined(all, Waiting::detail));
    String freedBy = joined(all, Waiting::freedBy);
    if (!freedBy.isEmpty()) {
      node.put("freedBy", freedBy);
    }
    return node;
  }

  private static String joined(List<Waiting> all, Function<Waiting, String> part) {
    List<String> words = all.stream().map(part).filter(text -> !text.isEmpty()).distinct().toList();
    String first = words.stream().limit(MOST_WORDS).collect(Collectors.joining("; "));
    return words.size() <= MOST_WORDS
        ? first
        : first + "; and " + (words.size() - MOST_WORDS) + " more";
  }
}
