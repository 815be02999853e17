package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.view.ClusterView.DeploymentView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.server.document.DeploymentDocument;
import io.springtide.server.document.Fields;
import io.springtide.server.document.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** {@code /v1/deployments}: what carries jobs from one revision to another. */
final class DeploymentRoutes {
  private static final Map<String, Event.Steering> ACTIONS =
      Map.of(
          "pause", Event.Steering.PAUSE,
          "resume", Event.Steering.RESUME,
          "promote", Event.Steering.PROMOTE,
          "abort", Event.Steering.ABORT);

  private final Supplier<LeadingCore> core;

  DeploymentRoutes(Supplier<LeadingCore> core) {
    this.core = core;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/deployments", this::list);
    routes.get("/v1/deployments/{id}", this::show);
    routes.post("/v1/deployments/{id}", this::act);
  }

  private void list(Context http) {
    RequestReader.requireQuery(http, Page.parameters(List.of("job", "state")));
    String job = http.queryParam("job");
    Set<DeploymentState> states = states(http.queryParam("state"));
    Page.answer(
        http,
        after ->
            core.get().view().jobs().values().stream()
                .filter(one -> job == null || one.job().id().equals(job))
                .flatMap(DeploymentRoutes::deployments)
                .filter(one -> states.isEmpty() || states.contains(one.deployment().state())),
        DeploymentRoutes::key,
        Shape.DEPLOYMENT,
        DeploymentDocument::write);
  }

  private static Stream<DeploymentView> deployments(JobView job) {
    return job.deployments().stream();
  }

  /** Sorts as jobs do, and by number within a job. {@code !} comes before all that ids have. */
  private static String key(DeploymentView view) {
    return view.deployment().job() + "!%019d".formatted(view.deployment().number());
  }

  private static Set<DeploymentState> states(String text) {
    Set<DeploymentState> states = new HashSet<>();
    if (text != null) {
      for (String word : text.toUpperCase(Locale.ROOT).split(",", -1)) {
        states.add(
            RequestReader.oneOf(
                "state", word, DeploymentState.values(), Enum::name, "one or more of ", ""));
      }
    }
    return states;
  }

  private void show(Context http) {
    DeploymentView view = require(http.pathParam("id"));
    Replies.json(
        http, Replies.chosen(http, Shape.DEPLOYMENT, () -> DeploymentDocument.write(view)));
  }

  private DeploymentView require(String id) {
    JobView job = core.get().view().jobs().get(id.substring(0, Math.max(0, id.lastIndexOf('@'))));
    Stream<DeploymentView> all = job == null ? Stream.empty() : deployments(job);
    return all.filter(one -> one.deployment().id().equals(id))
        .findFirst()
        .orElseThrow(() -> Problem.noSuch("deployment", id));
  }

  /** {@code POST /v1/deployments/<job>@<number>:<action>}. */
  private void act(Context http) {
    String path = http.pathParam("id");
    int colon = Math.max(0, path.lastIndexOf(':'));
    Event.Steering how = ACTIONS.get(path.substring(Math.min(path.length(), colon + 1)));
    if (how == null) {
      throw Problem.notFound(
          "'" + RequestReader.cut(path) + "' ends in no action",
          "POST to /v1/deployments/<id>:pause, :resume, :promote or :abort");
    }
    Fields.of(RequestReader.perhaps(http));
    String id = path.substring(0, colon);
    String who = Gate.who(http);
    core.get()
        .ask(Asked.of(http, 200), request -> new Event.SteerDeployment(request, id, how, who));
    Replies.json(http, DeploymentDocument.write(require(id)));
  }
}
