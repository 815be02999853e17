package io.springtide.harness.consul;

import io.springtide.harness.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The same promises, kept by the real one. */
class ConsulProcessTest extends ConsulContract {
  @TempDir static Path scratch;
  private static Consul consul;

  @BeforeAll
  static void start() throws Exception {
    consul = ConsulProcess.start(Needs.consul(), scratch.resolve("consul.log"));
  }

  @AfterAll
  static void stop() {
    if (consul != null) {
      consul.close();
    }
  }

  @Override
  Consul consul() {
    return consul;
  }
}
