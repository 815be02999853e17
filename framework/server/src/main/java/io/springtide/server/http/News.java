package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.DeploymentView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import io.springtide.server.document.DeploymentDocument;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Fields;
import io.springtide.server.document.PoolStatus;
import io.springtide.server.document.ReadDocuments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Something that has changed.
 *
 * @param event {@code job}, {@code deployment}, {@code instance}, {@code pool}, {@code health} or
 *     {@code host}
 * @param data the thing as it is now; of one that is gone its id or name, and {@code removed}
 */
record News(String event, ObjectNode data) {

  /** All that differs; nothing of what has not changed. */
  static List<News> between(ClusterView before, ClusterView now) {
    List<News> all = new ArrayList<>();
    jobs(before, now, all);
    pools(before, now, all);
    if (before.wave().isPresent() != now.wave().isPresent()) {
      all.add(new News("health", health(now)));
    }
    hosts(before, now, all);
    return all;
  }

  @SuppressWarnings("ReferenceEquality") // Views are used again where nothing has changed.
  private static void jobs(ClusterView before, ClusterView now, List<News> all) {
    for (Map.Entry<String, JobView> entry : now.jobs().entrySet()) {
      JobView old = before.jobs().get(entry.getKey());
      if (old != entry.getValue()) {
        job(old, entry.getValue(), all);
      }
    }
    removed("job", "id", before.jobs(), now.jobs(), all);
  }

  @SuppressWarnings("ReferenceEquality") // As above.
  private static void job(JobView old, JobView now, List<News> all) {
    if (old == null || old.job().version() != now.job().version()) {
      all.add(new News("job", ReadDocuments.job(now)));
    }
    for (DeploymentView one : now.deployments()) {
      if (old == null || !old.deployments().contains(one)) {
        all.add(new News("deployment", DeploymentDocument.write(one)));
      }
    }
    for (InstanceView view : now.instances()) {
      InstanceView was = numbered(old, view);
      if (was != view && (was == null || differs(was, view))) {
        all.add(new News("instance", ReadDocuments.instance(view)));
      }
    }
    if (old != null) {
      for (InstanceView was : old.instances()) {
        if (numbered(now, was) == null) {
          all.add(removed("instance", "id", was.instance().id()));
        }
      }
    }
  }

  /** The job's instance with the same number; null if it has none. */
  private static InstanceView numbered(JobView job, InstanceView view) {
    return job == null ? null : job.instance(view.instance().index()).orElse(null);
  }

  private static boolean differs(InstanceView was, InstanceView now) {
    return !was.instance().equals(now.instance())
        || was.condemned().isPresent() != now.condemned().isPresent();
  }

  private static void pools(ClusterView before, ClusterView now, List<News> all) {
    for (Map.Entry<String, PoolView> entry : now.pools().entrySet()) {
      if (!entry.getValue().equals(before.pools().get(entry.getKey()))) {
        all.add(new News("pool", PoolStatus.of(now).document(entry.getValue())));
      }
    }
    removed("pool", "name", before.pools(), now.pools(), all);
  }

  /** Whether so many fail their health checks at once that they are restarted slowly. */
  private static ObjectNode health(ClusterView view) {
    ObjectNode node = Documents.object().put("slowed", view.wave().isPresent());
    view.wave()
        .ifPresent(
            wave ->
                node.put("failing", wave.failing())
                    .put("checked", wave.checked())
                    .put("restartsPerMinute", wave.perMinute()));
    return node;
  }

  private static void hosts(ClusterView before, ClusterView now, List<News> all) {
    // First: one may leave the books for the unlisted, and the other way round.
    removed("host", "id", before.hosts(), now.hosts(), all);
    removed("host", "id", before.unlisted(), now.unlisted(), all);
    for (Map.Entry<String, HostView> entry : now.hosts().entrySet()) {
      HostView old = before.hosts().get(entry.getKey());
      HostView one = entry.getValue();
      if (old == null
          || old.host().condition() != one.host().condition()
          || !old.warnings().equals(one.warnings())) {
        all.add(new News("host", host(one)));
      }
    }
    now.unlisted()
        .forEach(
            (id, host) -> {
              if (!before.unlisted().containsKey(id)) {
                all.add(new News("host", ReadDocuments.unlisted(host)));
              }
            });
  }

  private static ObjectNode host(HostView view) {
    ObjectNode node =
        Documents.object()
            .put("id", view.host().id())
            .put("pool", view.host().pool())
            .put("condition", Fields.word(view.host().condition()));
    if (!view.warnings().isEmpty()) {
      ArrayNode warnings = node.putArray("warnings");
      view.warnings().stream().map(HostReport.Warning::detail).forEach(warnings::add);
    }
    return node;
  }

  private static void removed(
      String event, String key, Map<String, ?> before, Map<String, ?> now, List<News> all) {
    for (String gone : before.keySet()) {
      if (!now.containsKey(gone)) {
        all.add(removed(event, key, gone));
      }
    }
  }

  private static News removed(String event, String key, String gone) {
    return new News(event, Documents.object().put(key, gone).put("removed", true));
  }
}
