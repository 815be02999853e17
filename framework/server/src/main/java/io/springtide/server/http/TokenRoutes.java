package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.server.access.Access;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.access.Token;
import io.springtide.server.access.TokenCodec;
import io.springtide.server.document.Fields;
import io.springtide.server.document.Shape;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code /v1/tokens}. */
final class TokenRoutes {
  private static final int MOST_GROUPS = 100;
  private static final Duration SHORTEST = Duration.ofMinutes(1);

  private final Gate gate;

  TokenRoutes(Gate gate) {
    this.gate = gate;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/tokens", this::list);
    routes.post("/v1/tokens", this::create);
    routes.delete("/v1/tokens/{name}", this::remove);
  }

  private void list(Context http) {
    Page.ofAll(http, gate.access().all(), Token::name, Shape.TOKEN, TokenCodec::show);
  }

  private void create(Context http) {
    Asked.refuseKey(
        http,
        "a token is shown once: a repeat cannot be answered as the first was",
        "leave it out; if no answer came, delete the token of that name and make it anew");
    Fields fields = Fields.of(RequestReader.body(http), "name", "role", "groups", "expiresAfter");
    String name = Names.requireName("name", fields.requireText("name", "write who is to use it"));
    Role role = fields.requireOneOf("role", Role.class);
    List<String> groups = groups(fields, role);
    Optional<Duration> lasts = fields.duration("expiresAfter");
    if (lasts.filter(time -> time.compareTo(SHORTEST) < 0).isPresent()) {
      throw new InvalidModelException(
          "expiresAfter", "it is shorter than 1m", "write 1m or more, such as 720h");
    }
    Access.Made made = gate.access().create(new Principal(name, role, groups), lasts);
    ObjectNode answer = TokenCodec.show(made.token()).put("token", made.secret());
    http.status(201).header("Location", "/v1/tokens/" + name).header("Cache-Control", "no-store");
    Replies.json(http, answer);
  }

  private static List<String> groups(Fields fields, Role role) {
    List<String> groups = fields.texts("groups");
    if (fields.has("groups") && role != Role.OPERATOR) {
      throw new InvalidModelException(
          "groups", "only operators are of groups", "leave it out, or write role: operator");
    }
    if (fields.has("groups") && groups.isEmpty()) {
      throw new InvalidModelException(
          "groups", "an operator of no group may do nothing", "leave it out for all groups");
    }
    if (groups.size() > MOST_GROUPS) {
      throw new InvalidModelException(
          "groups", "there are more than " + MOST_GROUPS, "name a group above them");
    }
    for (int i = 0; i < groups.size(); i++) {
      Names.requirePath("groups[" + i + "]", groups.get(i));
    }
    return groups;
  }

  private void remove(Context http) {
    String name = http.pathParam("name");
    boolean removed;
    try {
      removed = gate.access().remove(name);
    } catch (InvalidModelException e) {
      throw new Problem(409, "Conflict", e.getMessage(), e.field(), e.fix());
    }
    if (!removed) {
      throw Problem.noSuch("token", name);
    }
    http.status(204);
  }
}
