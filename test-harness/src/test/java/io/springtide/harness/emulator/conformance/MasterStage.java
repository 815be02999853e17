package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A master that somebody else runs: requests only, nothing is started or killed. */
final class MasterStage implements Stage {

  private final URI master;
  private final long start = System.nanoTime();

  MasterStage(URI master, Trace trace, Bindings bindings) {
    this.master = master;
    bindings.bind(new Setup(trace).port("master1"), String.valueOf(master.getPort()));
  }

  @Override
  public double clock() {
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void advance(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
  }

  @Override
  public void process(String name, String action) {
    // It runs already, and it shall go on.
  }

  @Override
  public boolean isDown(String name) {
    return true;
  }

  @Override
  public void wipeAtNextStart() {
    throw new UnsupportedOperationException("not against a running master");
  }

  @Override
  public void executorEnds(String executorId, int status, Duration noticed) {
    throw new UnsupportedOperationException("not against a running master");
  }

  @Override
  public Optional<Map<String, String>> environment(String executorId) {
    return Optional.empty();
  }

  @Override
  public Address address(String recordedPort) {
    return new Address(master.getHost(), master.getPort());
  }

  @Override
  public long sent() {
    return 0;
  }

  @Override
  public void awaitStatus(int status) {
    // It leads, or the test fails.
  }

  @Override
  public int patienceMillis() {
    return 2_000;
  }

  @Override
  public String znode(JsonNode line, JsonNode recorded) {
    return null;
  }

  @Override
  public void cleanUp() {
    // Nothing is ours.
  }

  @Override
  public boolean exact() {
    return false;
  }

  @Override
  public void close() {
    // Nothing is ours.
  }
}
