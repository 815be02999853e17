package io.springtide.harness.consul;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class ConsulStandInTest extends ConsulContract {
  private static Consul consul;

  @BeforeAll
  static void start() throws IOException {
    consul = ConsulStandIn.start();
  }

  @AfterAll
  static void stop() {
    consul.close();
  }

  @Override
  Consul consul() {
    return consul;
  }
}
