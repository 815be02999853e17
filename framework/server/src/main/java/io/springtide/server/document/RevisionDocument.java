package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.view.ClusterView.JobView;
import java.util.List;
import java.util.OptionalLong;

/** A revision of a job: what its instances run, who made it and when. */
public final class RevisionDocument {
  /** What of a job makes a revision. */
  static final List<String> CONTENT =
      List.of("resources", "runtime", "container", "tools", "health", "discovery");

  static final Value NUMBER = Value.whole(1, Integer.MAX_VALUE);
  static final String SAYS = "To which revision; to the one before if it is left out.";

  /** What a rollback says. */
  public static final Form ROLLBACK =
      Form.of("Rollback", "Back to an earlier revision.").may("revision", NUMBER, SAYS);

  private RevisionDocument() {}

  public static ObjectNode write(JobView job, Job.Revision revision) {
    ObjectNode node = Documents.object();
    node.put("revision", revision.revision());
    node.put("current", revision.revision() == job.job().revision());
    if (!revision.made().by().isEmpty()) {
      node.put("by", revision.made().by());
    }
    node.put("at", revision.made().at().toString());
    long running =
        job.instances().stream()
            .flatMap(view -> view.instance().task().map(Task::revision).stream())
            .filter(number -> number == revision.revision())
            .count();
    node.put("instances", running);
    ObjectNode content = JobDocument.write(revision.spec());
    content.retain(CONTENT);
    node.setAll(content);
    return node;
  }

  /** What a rollback says: to which revision; empty: to the one before. */
  public static OptionalLong readBack(Fields fields) {
    return fields.has("revision")
        ? OptionalLong.of(fields.integer("revision"))
        : OptionalLong.empty();
  }
}
