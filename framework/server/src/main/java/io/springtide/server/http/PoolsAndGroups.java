package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.GroupView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import io.springtide.server.access.Right;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.GroupStatus;
import io.springtide.server.document.PoolDocument;
import io.springtide.server.document.PoolStatus;
import io.springtide.server.document.ReadDocuments;
import io.springtide.server.document.Shape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** {@code /v1/pools} and {@code /v1/groups}. */
final class PoolsAndGroups {
  private final Supplier<LeadingCore> core;
  private final Plans plans;

  PoolsAndGroups(Supplier<LeadingCore> core, Plans plans) {
    this.core = core;
    this.plans = plans;
  }

  List<Route> routes() {
    Parameter name = Parameter.path("name", "The pool's.");
    Parameter path = Parameter.path("path", "The group's: names with dots between.");
    return List.of(
        Route.get("/v1/pools", "listPools", "Pools, and how they are")
            .right(Right.READ)
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.POOL), "A page of pools.")
            .does(this::listPools),
        Route.get("/v1/pools/{name}", "getPool", "A pool, and how it is")
            .right(Right.READ)
            .with(name, Selection.FIELDS)
            .answersVersioned(200, Shape.POOL, "The pool.")
            .refuses(404)
            .does(this::showPool),
        Route.put("/v1/pools/{name}", "putPool", "Makes or changes a pool")
            .right(Right.ADMIN)
            .with(name)
            .once()
            .ifUnchangedOrNew()
            .body(PoolDocument.FORM)
            .answersVersioned(200, Shape.POOL, "It was there; this is how it is now.")
            .answersVersioned(201, Shape.POOL, "It was made.")
            .refuses(409)
            .does(this::putPool),
        Route.delete("/v1/pools/{name}", "deletePool", "Removes a pool that nothing uses")
            .right(Right.ADMIN)
            .with(name)
            .once()
            .ifUnchanged()
            .answers(204, "It is gone.")
            .refuses(404, 409)
            .does(this::removePool),
        Route.get("/v1/groups", "listGroups", "Groups, their quotas and what they use")
            .right(Right.READ)
            .with(Page.PARAMETERS)
            .answers(200, Shape.page(Shape.GROUP), "A page of groups.")
            .does(this::listGroups),
        Route.get("/v1/groups/{path}", "getGroup", "A group, its quotas and what it uses")
            .right(Right.READ)
            .with(path, Selection.FIELDS)
            .answersVersioned(200, Shape.GROUP, "The group.")
            .refuses(404)
            .does(this::showGroup),
        Route.put("/v1/groups/{path}", "putGroup", "Makes or changes a group")
            .right(Right.ADMIN)
            .with(path)
            .once()
            .ifUnchangedOrNew()
            .body(GroupDocument.FORM)
            .answersVersioned(200, Shape.GROUP, "It was there; this is how it is now.")
            .answersVersioned(201, Shape.GROUP, "It was made.")
            .refuses(409)
            .does(this::putGroup),
        Route.delete("/v1/groups/{path}", "deleteGroup", "Removes a group that has nothing")
            .right(Right.ADMIN)
            .with(path)
            .once()
            .ifUnchanged()
            .answers(204, "It is gone.")
            .refuses(404, 409)
            .does(this::removeGroup));
  }

  private void listPools(Context http) {
    ClusterView view = core.get().view();
    Page.ofAll(
        http,
        view.pools().values(),
        pool -> pool.pool().name(),
        Shape.POOL,
        PoolStatus.of(view)::document);
  }

  private void showPool(Context http) {
    String name = http.pathParam("name");
    ClusterView cluster = core.get().view();
    PoolView view = cluster.pools().get(name);
    if (view == null) {
      throw Problem.noSuch("pool", name);
    }
    Replies.document(
        http,
        Replies.chosen(http, Shape.POOL, () -> PoolStatus.of(cluster).document(view)),
        view.version());
  }

  private void putPool(Context http) {
    String name = http.pathParam("name");
    Pool pool = PoolDocument.read(RequestReader.bodyNamed(http, "name", name));
    OptionalLong expected = RequestReader.expected(http);
    core.get().poolCheck().accept(pool);
    boolean isNew = !core.get().view().pools().containsKey(name);
    Optional<ObjectNode> effects = plans.effects(new Event.PutPool("", pool, expected), "");
    int status = isNew ? 201 : 200;
    core.get().ask(Asked.of(http, status), id -> new Event.PutPool(id, pool, expected));
    http.status(status);
    PoolView view = core.get().view().pools().get(name);
    answer(http, view == null ? PoolDocument.write(pool) : ReadDocuments.pool(view), effects);
  }

  private static void answer(Context http, ObjectNode document, Optional<ObjectNode> effects) {
    long version = document.path("version").asLong();
    effects.ifPresent(all -> document.set("effects", all));
    Replies.document(http, document, version);
  }

  private void removePool(Context http) {
    remove(http, "name", Event.RemovePool::new);
  }

  private void listGroups(Context http) {
    ClusterView view = core.get().view();
    Page.ofAll(
        http,
        view.groups().values(),
        group -> group.group().path(),
        Shape.GROUP,
        GroupStatus.of(view)::document);
  }

  private void showGroup(Context http) {
    String path = http.pathParam("path");
    ClusterView cluster = core.get().view();
    GroupView view = cluster.groups().get(path);
    if (view == null) {
      throw Problem.noSuch("group", path);
    }
    Replies.document(
        http,
        Replies.chosen(http, Shape.GROUP, () -> GroupStatus.of(cluster).document(view)),
        view.version());
  }

  private void putGroup(Context http) {
    String path = http.pathParam("path");
    Group group = GroupDocument.read(RequestReader.bodyNamed(http, "path", path));
    OptionalLong expected = RequestReader.expected(http);
    boolean isNew = !core.get().view().groups().containsKey(path);
    Optional<ObjectNode> effects = plans.effects(new Event.PutGroup("", group, expected), "");
    int status = isNew ? 201 : 200;
    core.get().ask(Asked.of(http, status), id -> new Event.PutGroup(id, group, expected));
    http.status(status);
    GroupView view = core.get().view().groups().get(path);
    answer(http, view == null ? GroupDocument.write(group) : ReadDocuments.group(view), effects);
  }

  private void removeGroup(Context http) {
    remove(http, "path", Event.RemoveGroup::new);
  }

  private interface Removal {
    Event.Command of(String request, String name, OptionalLong expected);
  }

  private void remove(Context http, String key, Removal removal) {
    String name = http.pathParam(key);
    OptionalLong expected = RequestReader.expected(http);
    core.get().ask(Asked.of(http, 204), request -> removal.of(request, name, expected));
    http.status(204);
  }
}
