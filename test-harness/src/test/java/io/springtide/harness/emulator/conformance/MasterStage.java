package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A master that somebody else runs: requests only, nothing is started or killed. */
final class MasterStage implements Stage {

  private final URI master;
  private final long start = System.nanoTime();
  private final Set<String> frameworks = new LinkedHashSet<>();

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
  public void subscribed(String frameworkId) {
    frameworks.add(frameworkId);
  }

  @Override
  public boolean exact() {
    return false;
  }

  /** What the recording left subscribed must not wait for its failover timeout. */
  @Override
  public void close() {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (String framework : frameworks) {
      String call =
          "{\"type\":\"TEARDOWN\",\"teardown\":{\"framework_id\":{\"value\":\""
              + framework
              + "\"}}}";
      HttpRequest request =
          HttpRequest.newBuilder(master.resolve("/api/v1"))
              .timeout(Duration.ofSeconds(10))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(call))
              .build();
      try {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        boolean gone = answer.body().contains("No framework found");
        if (answer.statusCode() / 100 != 2 && !gone) {
          System.out.println(
              "framework "
                  + framework
                  + " stays until its failover timeout: TEARDOWN was answered "
                  + answer.statusCode()
                  + " "
                  + answer.body());
        }
      } catch (IOException e) {
        System.out.println("framework " + framework + " stays: " + e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
