package io.springtide.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.javalin.router.EndpointMetadata;
import io.springtide.server.access.Right;
import io.springtide.server.document.Form;
import io.springtide.server.document.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One route, described once: by this it is registered, asked for a right, has its parameters
 * checked, and stands in {@code /openapi.json}. Not changed any more once it is registered.
 */
final class Route implements EndpointMetadata {
  /**
   * An answer.
   *
   * @param form of the document; null: there is no body that has one
   * @param type its media type; empty: there is no body
   * @param versioned whether its ETag says the version of the document
   */
  record Answer(int status, String says, Form form, String type, boolean versioned) {}

  static final String JSON = "application/json";

  private static final Parameter IF_MATCH =
      Parameter.header(
          "If-Match",
          Value.text("\\s*([*]|\"?[0-9]{1,18}\"?)\\s*"),
          "The ETag that was read: refused with 412 if somebody else has changed it since.");
  private static final Parameter IF_NONE_MATCH =
      Parameter.header(
          "If-None-Match", Value.text("\\s*[*]\\s*"), "*: refused with 412 if it exists.");

  private final HandlerType method;
  private final String path;
  private final String id;
  private final String summary;
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private final Set<Integer> refusals = new TreeSet<>();
  private Right right = Right.ADMIN;
  private Value body;
  private boolean needsBody = true;
  private Handler handler;

  private Route(HandlerType method, String path, String id, String summary) {
    this.method = method;
    this.path = path;
    this.id = id;
    this.summary = summary;
  }

  /**
   * One that reads.
   *
   * @param id a name of its own, by which programs that are made from the description call it
   */
  static Route get(String path, String id, String summary) {
    return new Route(HandlerType.GET, path, id, summary);
  }

  static Route put(String path, String id, String summary) {
    return new Route(HandlerType.PUT, path, id, summary);
  }

  static Route post(String path, String id, String summary) {
    return new Route(HandlerType.POST, path, id, summary);
  }

  static Route delete(String path, String id, String summary) {
    return new Route(HandlerType.DELETE, path, id, summary);
  }

  /** For whom it is; an admin's if nothing is said: what is forgotten opens nothing. */
  Route right(Right asked) {
    right = asked;
    return this;
  }

  /** And these parameters. */
  Route with(Parameter... more) {
    return with(List.of(more));
  }

  /** And these parameters. */
  Route with(List<Parameter> more) {
    parameters.addAll(more);
    return this;
  }

  /** A change that is done once, however often it comes with one key. */
  Route once() {
    return with(Asked.ONCE).refuses(409);
  }

  /** A change of what has a version, which may say the one that it expects. */
  Route ifUnchanged() {
    return with(IF_MATCH).refuses(412);
  }

  /** The same, of what it may also make anew. */
  Route ifUnchangedOrNew() {
    return with(IF_NONE_MATCH).ifUnchanged();
  }

  /** What its body is. */
  Route body(Form form) {
    return body(Value.object(form));
  }

  /** What its body is. */
  Route body(Value of) {
    body = of;
    return refuses(413, 415);
  }

  /** What its body is, if it has one. */
  Route mayHaveBody(Form form) {
    needsBody = false;
    return body(form);
  }

  /** And an answer with a document. */
  Route answers(int status, Form form, String says) {
    return answers(new Answer(status, says, form, JSON, false));
  }

  /** And an answer with a document that has a version, which its ETag says. */
  Route answersVersioned(int status, Form form, String says) {
    return answers(new Answer(status, says, form, JSON, true));
  }

  /** And an answer without a body. */
  Route answers(int status, String says) {
    return answers(new Answer(status, says, null, "", false));
  }

  /** And an answer. */
  Route answers(Answer answer) {
    answers.add(answer);
    return this;
  }

  /** And refusals with these statuses, besides those that every route has. */
  Route refuses(Integer... statuses) {
    refusals.addAll(List.of(statuses));
    return this;
  }

  /** What is done. */
  Route does(Handler what) {
    handler = what;
    return this;
  }

  HandlerType method() {
    return method;
  }

  /** As it is registered, such as {@code /v1/jobs/{id}}. */
  String path() {
    return path;
  }

  String id() {
    return id;
  }

  String summary() {
    return summary;
  }

  Right right() {
    return right;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  Optional<Value> body() {
    return Optional.ofNullable(body);
  }

  /** Whether it has one always. */
  boolean needsBody() {
    return needsBody;
  }

  /** Those that are no refusals. */
  List<Answer> answers() {
    return answers;
  }

  /** Statuses of refusals, besides those that every route has. */
  Set<Integer> refusals() {
    return refusals;
  }

  void register(RoutesConfig routes) {
    List<Parameter> queries = parameters.stream().filter(Parameter::isQuery).toList();
    Handler checked =
        http -> {
          if (right != Right.PUBLIC) {
            RequestReader.requireQuery(http, queries);
          }
          handler.handle(http);
        };
    routes.addEndpoint(new Endpoint(method, path, checked, Set.of(this)));
  }
}
