package io.springtide.server.http;

import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.JobNotes;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.server.document.Value;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which jobs a caller means: by group, name, labels and owner. All that is said must hold. */
final class JobFilter {
  private static final int LONGEST_NAME = 256;

  /** The parameters that it takes. */
  static final List<Parameter> PARAMETERS =
      List.of(
          Parameter.query("group", Value.text(), "Jobs below this group."),
          Parameter.query(
              "name",
              Value.text().atLeast(1).atMost(LONGEST_NAME),
              "A pattern of the job's id: * stands for any characters, ? for one."),
          Parameter.query(
                  "label",
                  Value.text(JobNotes.KEY + "(=[^\\x00-\\x1f]*)?"),
                  "KEY or KEY=VALUE; all that are given must hold.")
              .oftener(),
          Parameter.query("owner", Value.text(), "To the letter; empty: jobs without one."));

  private JobFilter() {}

  /**
   * @throws Problem if a parameter is not valid
   */
  static Predicate<JobView> of(Context http) {
    Predicate<JobView> filter = job -> true;
    String group = http.queryParam("group");
    if (group != null) {
      filter = filter.and(job -> job.job().id().startsWith(group + "."));
    }
    String name = http.queryParam("name");
    if (name != null) {
      filter = filter.and(named(name));
    }
    List<String> labels = http.queryParams("label");
    if (labels.size() > JobNotes.MOST_LABELS) {
      throw Problem.parameter(
          "label",
          labels.size() + " are more than a job can have",
          "write " + JobNotes.MOST_LABELS + " at most");
    }
    for (String label : labels) {
      filter = filter.and(labelled(label));
    }
    String owner = http.queryParam("owner");
    if (owner != null) {
      filter = filter.and(job -> job.job().spec().notes().owner().equals(owner));
    }
    return filter;
  }

  private static Predicate<JobView> named(String name) {
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      throw Problem.parameter(
          "name",
          "a name has 1 to " + LONGEST_NAME + " characters, not " + name.length(),
          "write such as weibo.feed.*, with * for any characters and ? for one");
    }
    Glob glob = new Glob(name);
    return job -> glob.matches(job.job().id());
  }

  private static Predicate<JobView> labelled(String label) {
    int equals = label.indexOf('=');
    String key = equals < 0 ? label : label.substring(0, equals);
    try {
      JobNotes.requireKey("label", key);
    } catch (InvalidModelException e) {
      throw Problem.parameter("label", e.getMessage(), "write KEY or KEY=VALUE: " + e.fix());
    }
    if (equals < 0) {
      return job -> labels(job).containsKey(key);
    }
    String value = label.substring(equals + 1);
    return job -> value.equals(labels(job).get(key));
  }

  private static Map<String, String> labels(JobView job) {
    return job.job().spec().notes().labels();
  }
}
