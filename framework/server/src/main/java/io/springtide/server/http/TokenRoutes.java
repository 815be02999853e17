package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.server.access.Access;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Right;
import io.springtide.server.access.Role;
import io.springtide.server.access.Token;
import io.springtide.server.access.TokenCodec;
import io.springtide.server.document.Fields;
import io.springtide.server.document.Form;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code /v1/tokens}. */
final class TokenRoutes {
  private static final int MOST_GROUPS = 100;
  private static final Duration SHORTEST = Duration.ofMinutes(1);

  private static final Form FORM =
      Form.of("TokenRequest", "A token that is to be made.")
          .must("name", Value.text(Names.NAME_FORM), "Who uses it.", "write who is to use it")
          .must(
              "role",
              Value.word(Role.class),
              "What it may.",
              "write one of viewer, operator, admin")
          .may(
              "groups",
              Value.list(Value.text(Names.PATH_FORM).atMost(Names.MAX_PATH))
                  .atLeast(1)
                  .atMost(MOST_GROUPS),
              "Of an operator: whose jobs, and of those below; all if it is left out.")
          .may("expiresAfter", Value.duration(), "1m or more; never if it is left out.");

  private final Gate gate;

  TokenRoutes(Gate gate) {
    this.gate = gate;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/tokens", "listTokens", "Who may ask, and what")
            .right(Right.ADMIN)
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.TOKEN), "A page of tokens.")
            .refuses(409)
            .does(this::list),
        Route.post("/v1/tokens", "createToken", "Makes a token, and shows it this once")
            .right(Right.ADMIN)
            .body(FORM)
            .answers(201, Shape.NEW_TOKEN, "The token.")
            .refuses(409)
            .does(this::create),
        Route.delete("/v1/tokens/{name}", "revokeToken", "Ends a token at once")
            .right(Right.ADMIN)
            .with(Parameter.path("name", "The token's."))
            .answers(204, "It is none any more.")
            .refuses(409)
            .does(this::remove));
  }

  private void list(Context http) {
    Page.ofAll(http, gate.access().all(), Token::name, Shape.TOKEN, TokenCodec::show);
  }

  private void create(Context http) {
    Asked.refuseKey(
        http,
        "a token is shown once: a repeat cannot be answered as the first was",
        "leave it out; if no answer came, delete the token of that name and make it anew");
    Fields fields = Fields.of(RequestReader.body(http), FORM);
    String name = Names.requireName("name", fields.requireText("name"));
    Role role = fields.word("role", Role.class);
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
