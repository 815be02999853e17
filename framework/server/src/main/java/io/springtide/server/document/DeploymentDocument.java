package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.view.ClusterView.DeploymentView;

/** A deployment as users read it. */
public final class DeploymentDocument {
  private DeploymentDocument() {}

  public static ObjectNode write(DeploymentView view) {
    Deployment one = view.deployment();
    ObjectNode node = Documents.object();
    node.put("id", one.id());
    node.put("job", one.job());
    node.put("from", one.from());
    node.put("to", one.to());
    node.put("state", one.state().name());
    if (!one.by().isEmpty()) {
      node.put("by", one.by());
    }
    if (!one.why().isEmpty()) {
      node.put("why", one.why());
    }
    view.progress()
        .ifPresent(
            now -> {
              node.put("canaries", now.canaries());
              node.put("updated", now.updated());
              node.put("healthy", now.healthy());
              node.put("total", now.total());
              now.deadline().ifPresent(at -> node.put("deadline", at.toString()));
            });
    view.waiting()
        .ifPresent(
            why ->
                node.putObject("waiting")
                    .put("reason", why.reason())
                    .put("detail", why.detail())
                    .put("freedBy", why.freedBy()));
    node.put("began", one.began().toString());
    node.put("since", one.since().toString());
    return node;
  }
}
