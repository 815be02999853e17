package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import io.springtide.server.access.Right;
import io.springtide.server.document.Fields;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code /v1/hosts}. */
final class Hosts {
  private static final Map<String, Host.Wish> ACTIONS =
      new TreeMap<>(
          Map.of(
              "cordon", Host.Wish.CORDON,
              "drain", Host.Wish.DRAIN,
              "uncordon", Host.Wish.SERVE,
              "release", Host.Wish.RELEASE));
  private static final Map<String, String> SAYS =
      Map.of(
          "cordon", "Has a host take no new work",
          "drain", "Empties a host, and leaves it alone then",
          "uncordon", "Has a host take work again",
          "release", "Empties a host that was ordered, and gives it back to its cloud");

  private final Supplier<LeadingCore> core;

  Hosts(Supplier<LeadingCore> core) {
    this.core = core;
  }

  List<Route> routes() {
    Parameter id = Parameter.path("id", "The host's.");
    List<Route> routes = new ArrayList<>();
    routes.add(
        Route.get("/v1/hosts", "listHosts", "Hosts, and what is used of them")
            .right(Right.READ)
            .with(
                Parameter.query("pool", Value.text(), "Of this pool."),
                Parameter.query("condition", Shape.CONDITION, "In this condition."),
                Parameter.query("zone", Value.text(), "Of pools in this zone."))
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.HOST), "A page of hosts.")
            .does(this::list));
    routes.add(
        Route.get("/v1/hosts/{id}", "getHost", "A host, and what is used of it")
            .right(Right.READ)
            .with(id, Selection.FIELDS)
            .answers(200, Shape.HOST, "The host.")
            .refuses(404)
            .does(this::show));
    ACTIONS.forEach(
        (action, wish) ->
            routes.add(
                Route.post("/v1/hosts/{id}:" + action, action + "Host", SAYS.get(action))
                    .right(Right.ALL_GROUPS)
                    .with(id)
                    .once()
                    .answers(200, Shape.HOST, "The host as it is now.")
                    .refuses(404, 409, 415)
                    .does(http -> act(http, wish))));
    routes.add(
        Route.delete("/v1/hosts/{id}", "deleteHost", "Forgets a host that is lost and empty")
            .right(Right.ALL_GROUPS)
            .with(
                id,
                Parameter.query(
                    "gone",
                    Value.word("true", "false"),
                    "true for one that is being released: its machine is gone and not paid for."))
            .once()
            .answers(204, "It is forgotten.")
            .refuses(404, 409)
            .does(this::remove));
    return routes;
  }

  private void list(Context http) {
    ClusterView view = core.get().view();
    String pool = http.queryParam("pool");
    String condition = http.queryParam("condition");
    String zone = http.queryParam("zone");
    SortedMap<String, Supplier<ObjectNode>> all = new TreeMap<>();
    if (!ReadDocuments.UNLISTED.equals(condition)) {
      HostCondition wanted = condition == null ? null : condition(condition);
      view.hosts().values().stream()
          .filter(host -> pool == null || host.host().pool().equals(pool))
          .filter(host -> wanted == null || host.host().condition() == wanted)
          .filter(host -> zone == null || zone(view, host).equals(zone))
          .forEach(host -> all.put(host.host().id(), () -> document(view, host)));
    }
    if (pool == null
        && zone == null
        && (condition == null || condition.equals(ReadDocuments.UNLISTED))) {
      view.unlisted().forEach((id, host) -> all.put(id, () -> ReadDocuments.unlisted(host)));
    }
    Page.answer(
        http,
        after -> all.tailMap(after).entrySet().stream(),
        Map.Entry::getKey,
        Shape.HOST,
        one -> one.getValue().get());
  }

  private static HostCondition condition(String word) {
    return RequestReader.oneOf(
        "condition",
        word,
        HostCondition.values(),
        Fields::word,
        "one of ",
        " or " + ReadDocuments.UNLISTED);
  }

  private static ObjectNode document(ClusterView view, HostView host) {
    return ReadDocuments.host(host, zone(view, host));
  }

  /** That of its pool; empty if none is known. */
  private static String zone(ClusterView view, HostView host) {
    PoolView pool = view.pools().get(host.host().pool());
    return pool == null ? "" : pool.pool().zone();
  }

  private void show(Context http) {
    String id = http.pathParam("id");
    Replies.json(http, Replies.chosen(http, Shape.HOST, () -> document(id)));
  }

  private ObjectNode document(String id) {
    ClusterView view = core.get().view();
    HostView host = view.hosts().get(id);
    if (host == null && view.unlisted().containsKey(id)) {
      return ReadDocuments.unlisted(view.unlisted().get(id));
    }
    if (host == null) {
      throw Problem.noSuch("host", id);
    }
    return document(view, host);
  }

  /** An id may hold colons itself: what follows the last is the action. */
  private void act(Context http, Host.Wish wish) {
    String id = http.pathParam("id");
    core.get().ask(Asked.of(http, 200), request -> new Event.SetHostWish(request, id, wish));
    Replies.json(http, document(id));
  }

  /** Of one that is lost and empty. */
  private void remove(Context http) {
    String id = http.pathParam("id");
    String gone = http.queryParam("gone");
    if (gone != null && !gone.equals("true") && !gone.equals("false")) {
      throw Problem.parameter(
          "gone",
          "'" + RequestReader.cut(gone) + "' is neither true nor false",
          "write gone=true if you know that the machine is gone, or leave it out");
    }
    boolean vouched = "true".equals(gone);
    core.get().ask(Asked.of(http, 204), request -> new Event.RemoveHost(request, id, vouched));
    http.status(204);
  }
}
