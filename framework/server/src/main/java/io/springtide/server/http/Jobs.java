package io.springtide.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.server.access.Right;
import io.springtide.server.document.ExplainDocument;
import io.springtide.server.document.Fields;
import io.springtide.server.document.Form;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.JobPhase;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.RevisionDocument;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import io.springtide.server.document.Warning;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /v1/jobs} and {@code /v1/instances}. */
final class Jobs {
  private static final Pattern KEY = Pattern.compile("(.*)#(\\d{6})");
  private static final int FIRST_OF_SEVEN_DIGITS = 1_000_000;

  private static final Form SCALE =
      Form.of("Instances", "How many instances there are to be.")
          .must("instances", Value.whole(0, JobSpec.MAX_INSTANCES), "How many.", "write how many");

  private static final Form RESTART = Form.of("RestartRequest", "Nothing needs to be said.");

  private static final List<Parameter> PLACE =
      List.of(
          Parameter.query("state", several(InstanceState.class), "With commas between."),
          Parameter.query("host", Value.text(), "On this host."),
          Parameter.query("pool", Value.text(), "In this pool."));

  private final Supplier<LeadingCore> core;
  private final Plans plans;

  Jobs(Supplier<LeadingCore> core, Plans plans) {
    this.core = core;
    this.plans = plans;
  }

  List<Route> routes() {
    Parameter id = Parameter.path("id", "The job's: its group's path, a dot, and its name.");
    return List.of(
        Route.get("/v1/jobs", "listJobs", "Jobs, and how they are")
            .right(Right.READ)
            .with(JobFilter.PARAMETERS)
            .with(Parameter.query("state", several(JobPhase.class), "With commas between."))
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.JOB), "A page of jobs.")
            .does(this::list),
        Route.post("/v1/jobs", "createJob", "Makes a job")
            .right(Right.JOB_OF_BODY)
            .once()
            .body(Value.object(JobDocument.FORM).named())
            .answersVersioned(201, Shape.JOB, "It was made.")
            .refuses(409)
            .does(this::create),
        Route.get("/v1/jobs/{id}", "getJob", "A job, and how it is")
            .right(Right.READ)
            .with(id, Selection.FIELDS)
            .answersVersioned(200, Shape.JOB, "The job.")
            .refuses(404)
            .does(this::show),
        Route.put("/v1/jobs/{id}", "putJob", "Makes or changes a job")
            .right(Right.JOB_OF_PATH)
            .with(id)
            .once()
            .ifUnchangedOrNew()
            .body(JobDocument.FORM)
            .answersVersioned(200, Shape.JOB, "It was there; this is how it is now.")
            .answersVersioned(201, Shape.JOB, "It was made.")
            .refuses(409)
            .does(this::put),
        Route.delete("/v1/jobs/{id}", "deleteJob", "Stops a job, and removes it then")
            .right(Right.JOB_OF_PATH)
            .with(id)
            .once()
            .ifUnchanged()
            .answers(202, Shape.JOB, "It goes when its instances have been stopped.")
            .answers(204, "It is gone: it had no instances.")
            .refuses(404)
            .does(this::remove),
        Route.post("/v1/jobs/{id}:restart", "restartJob", "Has all instances start anew, in turn")
            .right(Right.JOB_OF_PATH)
            .with(id)
            .once()
            .ifUnchanged()
            .mayHaveBody(RESTART)
            .answersVersioned(200, Shape.JOB, "The job as it is now.")
            .refuses(409)
            .does(this::restart),
        Route.post("/v1/jobs/{id}:rollback", "rollBackJob", "Back to an earlier revision")
            .right(Right.JOB_OF_PATH)
            .with(id)
            .once()
            .ifUnchanged()
            .mayHaveBody(RevisionDocument.ROLLBACK)
            .answersVersioned(200, Shape.JOB, "The job as it is now.")
            .refuses(409)
            .does(this::rollBack),
        Route.get("/v1/jobs/{id}/revisions", "listRevisions", "What a job's instances have run")
            .right(Right.READ)
            .with(id)
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.REVISION), "A page of revisions.")
            .does(this::revisions),
        Route.get("/v1/jobs/{id}/instances", "listInstancesOfJob", "A job's instances")
            .right(Right.READ)
            .with(id)
            .with(PLACE)
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.INSTANCE), "A page of instances.")
            .refuses(404)
            .does(this::instancesOfJob),
        Route.put("/v1/jobs/{id}/instances", "scaleJob", "Another number of instances")
            .right(Right.JOB_OF_PATH)
            .with(id)
            .once()
            .ifUnchangedOrNew()
            .body(SCALE)
            .answersVersioned(200, Shape.JOB, "The job as it is now.")
            .refuses(404)
            .does(this::setInstances),
        Route.get("/v1/jobs/{id}/explain", "explainJob", "Why a job is not as it is wanted")
            .right(Right.READ)
            .with(id, Selection.FIELDS)
            .answers(200, Shape.EXPLAIN, "Why.")
            .refuses(404)
            .does(this::explain),
        Route.get("/v1/instances", "listInstances", "Instances of all jobs")
            .right(Right.READ)
            .with(JobFilter.PARAMETERS)
            .with(Parameter.query("job", Value.text(), "Of this job."))
            .with(PLACE)
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.INSTANCE), "A page of instances.")
            .does(this::instances),
        Route.get("/v1/instances/{id}", "getInstance", "One instance")
            .right(Right.READ)
            .with(
                Parameter.path("id", "The job's, %23 (a # in a URL), and the number."),
                Selection.FIELDS)
            .answers(200, Shape.INSTANCE, "The instance.")
            .refuses(404)
            .does(this::instance));
  }

  /** Some of these words, in any case, with commas between. */
  static <E extends Enum<E>> Value several(Class<E> type) {
    String any =
        "(?i:"
            + Stream.of(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining("|"))
            + ")";
    return Value.text(any + "(," + any + ")*");
  }

  private void list(Context http) {
    Predicate<JobView> filter = JobFilter.of(http);
    Set<JobPhase> phases = words(http, JobPhase.values());
    Page.answer(
        http,
        after ->
            jobs(after)
                .filter(filter)
                .filter(job -> phases.isEmpty() || phases.contains(JobPhase.of(job))),
        view -> view.job().id(),
        Shape.JOB,
        ReadDocuments::job);
  }

  private Stream<JobView> jobs(String from) {
    return core.get().view().jobs().tailMap(from).values().stream();
  }

  private void create(Context http) {
    JsonNode body = RequestReader.body(http);
    JobSpec job = JobDocument.read(body, core.get().failures());
    Gate.requireOperator(http, job.group());
    Optional<ObjectNode> effects = plans.effects(new Event.CreateJob("", job), job.id());
    String path = "/v1/jobs/" + job.id();
    long version =
        core.get()
            .ask(new Asked(http, 201, path), id -> new Event.CreateJob(id, job, Gate.who(http)));
    http.status(201).header("Location", path);
    if (core.get().view().jobs().containsKey(job.id())) {
      show(http, job.id(), JobDocument.warnings(job), effects);
    } else {
      // A repeat: the job was made then, and has been removed since.
      Replies.document(http, JobDocument.write(job), version);
    }
  }

  private void show(Context http) {
    JobView view = require(http.pathParam("id"));
    Replies.document(
        http, Replies.chosen(http, Shape.JOB, () -> ReadDocuments.job(view)), view.job().version());
  }

  private void show(Context http, String id, List<Warning> warnings, Optional<ObjectNode> effects) {
    JobView view = require(id);
    ObjectNode answer = ReadDocuments.job(view);
    Warning.put(answer, warnings);
    effects.ifPresent(all -> answer.set("effects", all));
    Replies.document(http, answer, view.job().version());
  }

  private JobView require(String id) {
    JobView view = core.get().view().jobs().get(id);
    if (view == null) {
      throw Problem.noSuch("job", id);
    }
    return view;
  }

  private void put(Context http) {
    String id = http.pathParam("id");
    JobSpec job = JobDocument.read(RequestReader.bodyNamed(http, "id", id), core.get().failures());
    OptionalLong expected = RequestReader.expected(http);
    boolean isNew = !core.get().view().jobs().containsKey(id);
    Optional<ObjectNode> effects = plans.effects(new Event.PutJob("", job, expected), job.id());
    int status = isNew ? 201 : 200;
    core.get()
        .ask(
            Asked.of(http, status),
            request -> new Event.PutJob(request, job, expected, Gate.who(http)));
    http.status(status);
    show(http, id, JobDocument.warnings(job), effects);
  }

  private void restart(Context http) {
    Fields.of(RequestReader.perhaps(http), RESTART);
    String id = http.pathParam("id");
    String who = Gate.who(http);
    OptionalLong expected = RequestReader.expected(http);
    act(http, request -> new Event.RestartJob(request, id, expected, who));
  }

  private void rollBack(Context http) {
    OptionalLong to =
        RevisionDocument.readBack(
            Fields.of(RequestReader.perhaps(http), RevisionDocument.ROLLBACK));
    String id = http.pathParam("id");
    String who = Gate.who(http);
    OptionalLong expected = RequestReader.expected(http);
    act(http, request -> new Event.RollBackJob(request, id, to, expected, who));
  }

  private void act(Context http, Function<String, Event.Command> command) {
    String id = http.pathParam("id");
    Optional<ObjectNode> effects = plans.effects(command.apply(""), id);
    core.get().ask(Asked.of(http, 200), command);
    show(http, id, List.of(), effects);
  }

  private void revisions(Context http) {
    JobView job = require(http.pathParam("id"));
    Page.ofAll(
        http,
        job.job().revisions(),
        one -> "%019d".formatted(one.revision()),
        Shape.REVISION,
        one -> RevisionDocument.write(job, one));
  }

  private void remove(Context http) {
    String id = http.pathParam("id");
    OptionalLong expected = RequestReader.expected(http);
    JobView known = core.get().view().jobs().get(id);
    boolean drains = known != null && !known.instances().isEmpty();
    core.get()
        .ask(
            Asked.of(http, drains ? 202 : 204),
            request -> new Event.RemoveJob(request, id, expected));
    JobView left = core.get().view().jobs().get(id);
    if (left == null) {
      http.status(204);
    } else {
      // It goes when its instances have: they are drained first.
      http.status(202);
      Replies.json(http, ReadDocuments.job(left));
    }
  }

  private void setInstances(Context http) {
    String id = http.pathParam("id");
    int count = Fields.of(RequestReader.body(http), SCALE).integer("instances");
    OptionalLong expected = RequestReader.expected(http);
    Optional<ObjectNode> effects =
        plans.effects(new Event.SetInstances("", id, count, expected), id);
    core.get()
        .ask(Asked.of(http, 200), request -> new Event.SetInstances(request, id, count, expected));
    show(http, id, List.of(), effects);
  }

  private void instancesOfJob(Context http) {
    JobView job = require(http.pathParam("id"));
    answer(http, after -> instances(job, after));
  }

  private void instances(Context http) {
    Predicate<JobView> filter = JobFilter.of(http);
    String job = http.queryParam("job");
    answer(
        http,
        after ->
            jobs(after.substring(0, Math.max(0, after.indexOf('#'))))
                .filter(filter)
                .filter(view -> job == null || view.job().id().equals(job))
                .flatMap(view -> instances(view, after)));
  }

  private static void answer(Context http, Function<String, Stream<InstanceView>> from) {
    Predicate<InstanceView> filter = filter(http);
    Page.answer(
        http,
        after -> from.apply(after).filter(filter),
        Jobs::key,
        Shape.INSTANCE,
        ReadDocuments::instance);
  }

  /** Sorts by number within a job, which the id alone would not. */
  private static String key(InstanceView view) {
    return view.instance().job()
        + "#"
        + Integer.toString(FIRST_OF_SEVEN_DIGITS + view.instance().index()).substring(1);
  }

  /** The job's instances from that key on, if it is one of theirs; else all. */
  private static Stream<InstanceView> instances(JobView job, String key) {
    Matcher matcher = KEY.matcher(key);
    boolean ours = matcher.matches() && matcher.group(1).equals(job.job().id());
    return job.instances().from(ours ? Integer.parseInt(matcher.group(2)) : 0);
  }

  private static Predicate<InstanceView> filter(Context http) {
    String host = http.queryParam("host");
    String pool = http.queryParam("pool");
    Set<InstanceState> states = words(http, InstanceState.values());
    return view ->
        (states.isEmpty() || states.contains(view.instance().state()))
            && (host == null || on(view, host, true))
            && (pool == null || on(view, pool, false));
  }

  private static boolean on(InstanceView view, String name, boolean host) {
    return view.instance()
        .task()
        .filter(task -> (host ? task.host() : task.pool()).equals(name))
        .isPresent();
  }

  /** The states that are asked for, several with commas between; empty: all. */
  private static <E extends Enum<E>> Set<E> words(Context http, E[] all) {
    String text = http.queryParam("state");
    Set<E> states = new HashSet<>();
    if (text != null) {
      for (String word : text.toUpperCase(Locale.ROOT).split(",", -1)) {
        states.add(RequestReader.oneOf("state", word, all, Enum::name, "one or more of ", ""));
      }
    }
    return states;
  }

  private void instance(Context http) {
    String id = http.pathParam("id");
    int hash = id.lastIndexOf('#');
    ClusterView view = core.get().view();
    JobView job = hash < 0 ? null : view.jobs().get(id.substring(0, hash));
    String index = id.substring(hash + 1);
    InstanceView found =
        job == null || !index.matches("\\d{1,6}")
            ? null
            : job.instance(Integer.parseInt(index)).orElse(null);
    if (found == null) {
      throw Problem.notFound(
          "there is no instance '" + RequestReader.cut(id) + "'",
          "write <job>#<index>, with # as %23 in a URL");
    }
    Replies.json(http, Replies.chosen(http, Shape.INSTANCE, () -> ReadDocuments.instance(found)));
  }

  private void explain(Context http) {
    JobView job = require(http.pathParam("id"));
    Replies.json(http, Replies.chosen(http, Shape.EXPLAIN, () -> ExplainDocument.write(job)));
  }
}
