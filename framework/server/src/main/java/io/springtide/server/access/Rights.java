package io.springtide.server.access;

import static io.springtide.server.access.Right.ADMIN;
import static io.springtide.server.access.Right.ALL_GROUPS;
import static io.springtide.server.access.Right.JOB_OF_BODY;
import static io.springtide.server.access.Right.JOB_OF_PATH;
import static io.springtide.server.access.Right.PUBLIC;
import static io.springtide.server.access.Right.READ;

import java.util.Map;

/**
 * Every route and who may use it. A route that is not here is an admin's, so that one that is
 * forgotten opens nothing; a test holds this table against the routes there are.
 */
public final class Rights {
  private static final Map<String, Right> ROUTES =
      Map.ofEntries(
          Map.entry("GET /healthz", PUBLIC),
          Map.entry("GET /metrics", PUBLIC),
          Map.entry("GET /artifacts/<name>", PUBLIC),
          Map.entry("GET /v1/pools", READ),
          Map.entry("GET /v1/pools/{name}", READ),
          Map.entry("PUT /v1/pools/{name}", ADMIN),
          Map.entry("DELETE /v1/pools/{name}", ADMIN),
          Map.entry("POST /v1/pools/{name}/images:warm", ALL_GROUPS),
          Map.entry("GET /v1/pools/{name}/images", READ),
          Map.entry("GET /v1/groups", READ),
          Map.entry("GET /v1/groups/{path}", READ),
          Map.entry("PUT /v1/groups/{path}", ADMIN),
          Map.entry("DELETE /v1/groups/{path}", ADMIN),
          Map.entry("GET /v1/jobs", READ),
          Map.entry("POST /v1/jobs", JOB_OF_BODY),
          Map.entry("GET /v1/jobs/{id}", READ),
          Map.entry("PUT /v1/jobs/{id}", JOB_OF_PATH),
          Map.entry("DELETE /v1/jobs/{id}", JOB_OF_PATH),
          Map.entry("POST /v1/jobs/{id}", JOB_OF_PATH),
          Map.entry("GET /v1/jobs/{id}/revisions", READ),
          Map.entry("GET /v1/jobs/{id}/instances", READ),
          Map.entry("PUT /v1/jobs/{id}/instances", JOB_OF_PATH),
          Map.entry("GET /v1/jobs/{id}/explain", READ),
          Map.entry("GET /v1/deployments", READ),
          Map.entry("GET /v1/deployments/{id}", READ),
          Map.entry("POST /v1/deployments/{id}", JOB_OF_PATH),
          Map.entry("GET /v1/instances", READ),
          Map.entry("GET /v1/instances/{id}", READ),
          Map.entry("POST /v1/plan", READ), // it changes nothing
          Map.entry("GET /v1/hosts", READ),
          Map.entry("GET /v1/hosts/{id}", READ),
          Map.entry("POST /v1/hosts/{id}", ALL_GROUPS),
          Map.entry("DELETE /v1/hosts/{id}", ALL_GROUPS),
          Map.entry("GET /v1/orders", READ),
          Map.entry("GET /v1/events", READ),
          Map.entry("GET /v1/tokens", ADMIN),
          Map.entry("POST /v1/tokens", ADMIN),
          Map.entry("DELETE /v1/tokens/{name}", ADMIN),
          Map.entry("GET /v1/state", ADMIN),
          Map.entry("GET /v1/audit", ADMIN));

  private Rights() {}

  /**
   * What a route asks for.
   *
   * @param route method and path as it is registered, {@code PUT /v1/jobs/{id}}
   */
  public static Right of(String route) {
    return ROUTES.getOrDefault(route, ADMIN);
  }

  /** All routes of the table. */
  static Map<String, Right> all() {
    return ROUTES;
  }
}
