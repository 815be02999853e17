package io.springtide.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.server.access.Right;
import org.junit.jupiter.api.Test;

class RouteTest {
  /** Whoever adds a route and does not say for whom it is has opened nothing. */
  @Test
  void aRouteThatNobodyThoughtOfIsAnAdmins() {
    assertThat(Route.get("/v1/forgotten", "forgotten", "Forgotten").right()).isEqualTo(Right.ADMIN);
    assertThat(Route.post("/v1/forgotten", "forget", "Forgotten").right()).isEqualTo(Right.ADMIN);
  }
}
