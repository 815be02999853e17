package io.springtide.server.http;

import io.javalin.http.Context;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.view.ClusterView.DeploymentView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.server.access.Right;
import io.springtide.server.document.DeploymentDocument;
import io.springtide.server.document.Fields;
import io.springtide.server.document.Form;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** {@code /v1/deployments}: what carries jobs from one revision to another. */
final class DeploymentRoutes {
  private static final Map<String, Event.Steering> ACTIONS =
      new TreeMap<>(
          Map.of(
              "pause", Event.Steering.PAUSE,
              "resume", Event.Steering.RESUME,
              "promote", Event.Steering.PROMOTE,
              "abort", Event.Steering.ABORT));
  private static final Map<String, String> SAYS =
      Map.of(
          "pause", "Gives nobody the new revision until it is resumed",
          "resume", "Goes on with one that was paused",
          "promote", "Has the others follow the canaries",
          "abort", "Goes back to the last revision that was whole");

  private static final Form STEERING = Form.of("SteeringRequest", "Nothing needs to be said.");

  private final Supplier<LeadingCore> core;

  DeploymentRoutes(Supplier<LeadingCore> core) {
    this.core = core;
  }

  List<Route> routes() {
    Parameter id = Parameter.path("id", "The job's, an @, and the number.");
    List<Route> routes = new ArrayList<>();
    routes.add(
        Route.get("/v1/deployments", "listDeployments", "Changes of what jobs' instances run")
            .right(Right.READ)
            .with(
                Parameter.query("job", Value.text(), "Of this job."),
                Parameter.query(
                    "state", Jobs.several(DeploymentState.class), "With commas between."))
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.DEPLOYMENT), "A page of deployments.")
            .does(this::list));
    routes.add(
        Route.get("/v1/deployments/{id}", "getDeployment", "A deployment, and how far it is")
            .right(Right.READ)
            .with(id, Selection.FIELDS)
            .answers(200, Shape.DEPLOYMENT, "The deployment.")
            .refuses(404)
            .does(this::show));
    ACTIONS.forEach(
        (action, how) ->
            routes.add(
                Route.post(
                        "/v1/deployments/{id}:" + action, action + "Deployment", SAYS.get(action))
                    .right(Right.JOB_OF_PATH)
                    .with(id)
                    .once()
                    .mayHaveBody(STEERING)
                    .answers(200, Shape.DEPLOYMENT, "The deployment as it is now.")
                    .refuses(404, 409)
                    .does(http -> steer(http, how))));
    return routes;
  }

  private void list(Context http) {
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

  private void steer(Context http, Event.Steering how) {
    Fields.of(RequestReader.perhaps(http), STEERING);
    String id = http.pathParam("id");
    String who = Gate.who(http);
    core.get()
        .ask(Asked.of(http, 200), request -> new Event.SteerDeployment(request, id, how, who));
    Replies.json(http, DeploymentDocument.write(require(id)));
  }
}
