package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.document.ExplainDocument;
import io.springtide.server.document.Form;
import io.springtide.server.document.PoolStatus;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each field that a document of a lively cluster has may be asked for by its name. */
class ShapesTest {
  private final List<Change> changes =
      LivelyCluster.commits().stream().flatMap(List::stream).map(ShapesTest::sayable).toList();
  private final ClusterView view =
      SchedulerCore.restore(
              CoreConfig.of("executor-1"),
              new StateStore.Loaded(changes.size(), changes),
              GoldenFiles.LATER)
          .view();

  @Test
  void nothingThatIsShownIsUnknown() {
    assertThat(view.jobs()).isNotEmpty();
    assertThat(view.hosts()).isNotEmpty();
    PoolStatus pools = PoolStatus.of(view);
    view.pools().values().forEach(pool -> named(Shape.POOL, pools.document(pool)));
    view.groups().values().forEach(group -> named(Shape.GROUP, ReadDocuments.group(group)));
    view.hosts().values().forEach(host -> named(Shape.HOST, ReadDocuments.host(host, "z")));
    view.orders().values().forEach(order -> named(Shape.ORDER, ReadDocuments.order(order)));
    view.jobs()
        .values()
        .forEach(
            job -> {
              named(Shape.JOB, ReadDocuments.job(job));
              named(Shape.EXPLAIN, ExplainDocument.write(job));
              job.instances().forEach(one -> named(Shape.INSTANCE, ReadDocuments.instance(one)));
            });
  }

  /** Without constraints and gRPC probes: the story has those that no document can say. */
  private static Change sayable(Change change) {
    if (!(change instanceof Change.JobPut put)) {
      return change;
    }
    Job job = put.job();
    return new Change.JobPut(
        new Job(
            job.spec()
                .but()
                .constraints(List.of())
                .health(job.spec().health().filter(health -> !health.probe().word().equals("grpc")))
                .build(),
            job.version(),
            job.revision(),
            job.made(),
            job.ruledFrom(),
            job.earlier(),
            job.removing(),
            job.created()));
  }

  private static void named(Form shape, ObjectNode document) {
    document
        .properties()
        .forEach(
            field -> {
              require(shape, field.getKey());
              JsonNode below = field.getValue();
              below
                  .fieldNames()
                  .forEachRemaining(name -> require(shape, field.getKey() + "." + name));
            });
  }

  private static void require(Form shape, String path) {
    if (path.indexOf('.') == path.lastIndexOf('.')) {
      assertThatCode(() -> shape.require(path)).as(path).doesNotThrowAnyException();
    }
  }
}
