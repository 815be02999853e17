package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import io.springtide.server.document.Fields;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.Shape;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code /v1/hosts}. */
final class Hosts {
  private static final Map<String, Host.Wish> ACTIONS =
      Map.of(
          "cordon", Host.Wish.CORDON,
          "drain", Host.Wish.DRAIN,
          "uncordon", Host.Wish.SERVE,
          "release", Host.Wish.RELEASE);

  private final Supplier<LeadingCore> core;

  Hosts(Supplier<LeadingCore> core) {
    this.core = core;
  }

  void register(RoutesConfig routes) {
    routes.get("/v1/hosts", this::list);
    routes.get("/v1/hosts/{id}", this::show);
    routes.post("/v1/hosts/{id}", this::act);
    routes.delete("/v1/hosts/{id}", this::remove);
  }

  private void list(Context http) {
    RequestReader.requireQuery(http, Page.parameters(List.of("pool", "condition", "zone")));
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

  /** {@code POST /v1/hosts/<id>:<action>}; an id may hold colons itself. */
  private void act(Context http) {
    String path = http.pathParam("id");
    int colon = path.lastIndexOf(':');
    Host.Wish wish = colon < 0 ? null : ACTIONS.get(path.substring(colon + 1));
    if (wish == null) {
      throw Problem.notFound(
          "'" + RequestReader.cut(path) + "' ends in no action",
          "POST to /v1/hosts/<id>:cordon, :drain, :uncordon or :release");
    }
    String id = path.substring(0, colon);
    core.get().ask(Asked.of(http, 200), request -> new Event.SetHostWish(request, id, wish));
    Replies.json(http, document(id));
  }

  /** Of one that is lost and empty. */
  private void remove(Context http) {
    RequestReader.requireQuery(http, List.of("gone"));
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
