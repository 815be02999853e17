package io.springtide.executor;

import io.springtide.executor.contract.ExecutorCommand;
import io.springtide.executor.discovery.ConsulDiscovery;
import io.springtide.executor.health.NetworkProbes;
import io.springtide.executor.loop.EventLoop;
import io.springtide.executor.runtime.DockerRuntime;
import io.springtide.executor.runtime.ProcessRuntime;
import io.springtide.mesos.CallListener;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.mesos.HttpExecutor;
import io.springtide.mesos.ProtobufGencode;
import io.springtide.mesos.WireOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.mesos.v1.executor.Protos.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executor process, as an agent starts it ({@link ExecutorCommand}). Beside what the agent
 * sets, it reads from its environment: {@code DOCKER_HOST}, {@code DOCKER_TLS_VERIFY}, {@code
 * DOCKER_CERT_PATH}, {@code DOCKER_API_VERSION}, and {@code CONSUL_HTTP_TOKEN_FILE}, a file with an
 * ACL token (a token itself would show in the agent's state).
 *
 * <p>It ends with 0 when it was told to shut down, with 1 when it cannot start. On SIGTERM it
 * detaches: containers run on.
 */
public final class ExecutorMain {
  private static final Duration DETACH_WITHIN = Duration.ofSeconds(4);
  private static final Logger log = LoggerFactory.getLogger(ExecutorMain.class);

  private ExecutorMain() {}

  public static void main(String[] args) throws InterruptedException {
    ProtobufGencode.allow();
    // Health probes send "Connection: close", which Java's client forbids unless allowed
    // here.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection");
    ExecutorEnvironment environment;
    try {
      environment = ExecutorEnvironment.from(System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("cannot start: " + e.getMessage());
      System.exit(1);
      return;
    }
    var done = new CountDownLatch(1);
    var loop = new EventLoop();
    var executor =
        new HostExecutor(
            loop, environment, host -> equip(loop, host, System.getenv()), done::countDown);
    var client =
        new HttpExecutor(environment, WireOptions.defaults(), executor, listener(executor));
    java.lang.Runtime.getRuntime().addShutdownHook(new Thread(() -> detach(executor), "detach"));
    client.start();
    done.await();
    client.close();
    log.info("good bye");
    // The loop, a daemon, ends with the process: the hook asks it whether there is anything to let
    // go of, and would wait in vain for one that is closed.
    System.exit(0); // a container's output stream may have a thread that waits for its engine
  }

  private static Equipment equip(EventLoop loop, ThisHost host, Map<String, String> env) {
    try {
      var token = consulToken(env);
      return new Equipment(
          List.of(new DockerRuntime(host.owner(), env), new ProcessRuntime()),
          new NetworkProbes(loop),
          address ->
              ConsulDiscovery.start(
                  loop, address, token, host.owner().framework(), host.owner().host()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Optional<String> consulToken(Map<String, String> env) throws IOException {
    String file = env.get("CONSUL_HTTP_TOKEN_FILE");
    return file == null ? Optional.empty() : Optional.of(Files.readString(Path.of(file)).strip());
  }

  private static void detach(HostExecutor executor) {
    try {
      executor.detach(DETACH_WITHIN).get(DETACH_WITHIN.toSeconds() + 1, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("not detached in time: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static CallListener<Call> listener(HostExecutor executor) {
    return new CallListener<>() {
      @Override
      public void refused(Call call, int status, String message) {
        log.error("the agent refused {} with {}: {}", call.getType(), status, message);
        executor.refused(call);
      }

      @Override
      public void failed(Call call, Fate fate, String reason) {
        log.warn("{} failed ({}): {}", call.getType(), fate, reason);
      }
    };
  }
}
