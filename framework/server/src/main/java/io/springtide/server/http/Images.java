package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.view.ClusterView.PoolView;
import io.springtide.server.access.Right;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Fields;
import io.springtide.server.document.Form;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import io.springtide.server.http.RegistryProxies.State;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** {@code /v1/pools/<name>/images}: images brought to the registry proxies of a pool's zone. */
final class Images {
  private static final Pattern IMAGE =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,380}[A-Za-z0-9_]");

  private static final Value NAME = Value.text(IMAGE.pattern());
  private static final Form FORM =
      Form.of("WarmRequest", "An image that is to be fetched.")
          .must("image", NAME, "Which.", "write such as feed/api:1.2");

  private final Supplier<LeadingCore> core;
  private final Supplier<RegistryProxies> proxies;

  Images(Supplier<LeadingCore> core, Supplier<RegistryProxies> proxies) {
    this.core = core;
    this.proxies = proxies;
  }

  List<Route> routes() {
    Parameter pool = Parameter.path("name", "The pool's.");
    return List.of(
        Route.post(
                "/v1/pools/{name}/images:warm",
                "warmImage",
                "Has the registry proxies of the pool's zone fetch an image")
            .right(Right.ALL_GROUPS)
            .with(pool)
            .body(FORM)
            .answers(202, Shape.IMAGE, "How far it is.")
            .refuses(404, 409)
            .does(this::warm),
        Route.get("/v1/pools/{name}/images", "getImageProgress", "How far an image is there")
            .right(Right.READ)
            .with(pool, Parameter.query("image", NAME, "Which.").must())
            .answers(200, Shape.IMAGE, "How far it is.")
            .refuses(404, 409)
            .does(this::progress));
  }

  private void warm(Context http) {
    Asked.refuseKey(
        http,
        "an image that is there is not brought again",
        "leave it out, and repeat as you like");
    String image = Fields.of(RequestReader.body(http), FORM).requireText("image");
    http.status(202);
    answer(http, image, RegistryProxies::warm);
  }

  private void progress(Context http) {
    String image = http.queryParam("image");
    if (image == null) {
      throw new Problem(
          400,
          "A query parameter is missing",
          "which image?",
          "image",
          "write ?image=feed/api:1.2");
    }
    answer(http, image, RegistryProxies::progress);
  }

  private interface Question {
    List<State> ask(RegistryProxies proxies, String zone, String image);
  }

  private void answer(Context http, String image, Question question) {
    if (!IMAGE.matcher(image).matches()) {
      throw new InvalidModelException(
          "image",
          "'" + RequestReader.cut(image) + "' is not an image",
          "write such as feed/api:1.2");
    }
    String name = http.pathParam("name");
    PoolView pool = core.get().view().pools().get(name);
    if (pool == null) {
      throw Problem.noSuch("pool", name);
    }
    String zone = pool.pool().zone();
    List<State> states = question.ask(proxies.get(), zone, image);
    if (states.isEmpty()) {
      throw new Problem(
          409,
          "No registry proxy",
          "no registry proxy is known for "
              + (zone.isEmpty() ? "pools without a zone" : "zone '" + zone + "'"),
          "",
          "list it under registry.proxies in the server's configuration");
    }
    Replies.json(http, document(image, name, states));
  }

  private static ObjectNode document(String image, String pool, List<State> states) {
    ObjectNode node = Documents.object();
    node.put("image", image);
    node.put("pool", pool);
    node.put("state", overall(states));
    node.put("bytes", states.stream().mapToLong(State::bytes).sum());
    node.put("storedBytes", states.stream().mapToLong(State::storedBytes).sum());
    ArrayNode each = node.putArray("proxies");
    for (State state : states) {
      ObjectNode one = each.addObject();
      one.put("url", state.url().toString());
      one.put("state", state.state());
      one.put("bytes", state.bytes());
      one.put("storedBytes", state.storedBytes());
      if (!state.error().isEmpty()) {
        one.put("error", state.error());
      }
    }
    return node;
  }

  /** Done when all are; failed as soon as none goes on and one has failed. */
  private static String overall(List<State> states) {
    Predicate<String> any = word -> states.stream().anyMatch(s -> s.state().equals(word));
    return any.test("running") ? "running" : any.test("failed") ? "failed" : "done";
  }
}
