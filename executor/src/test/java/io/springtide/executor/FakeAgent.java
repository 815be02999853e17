package io.springtide.executor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.springtide.executor.contract.ExecutorCommand;
import io.springtide.mesos.ProtobufGencode;
import io.springtide.testing.Patience;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** As much of an agent as one executor process needs: it speaks the v1 executor API over HTTP. */
final class FakeAgent implements AutoCloseable {
  static {
    ProtobufGencode.allow();
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Event> pending = new ArrayList<>(); // guarded by itself, as is stream
  private OutputStream stream;
  private final List<TaskStatus> statuses = new ArrayList<>(); // guarded by itself

  FakeAgent() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/api/v1/executor", this::call);
    server.start();
  }

  /** Starts the executor's process, with this build's classes. */
  Process start(Path sandbox, String framework) throws IOException {
    Files.createDirectories(sandbox);
    synchronized (pending) {
      stream = null;
    }
    String sha256 = jar(sandbox.resolve(ExecutorCommand.JAR));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder =
        new ProcessBuilder(ExecutorCommand.arguments(java, sha256)).directory(sandbox.toFile());
    var env = builder.environment();
    // As a service manager starts an agent.
    env.keySet().removeIf(name -> name.startsWith("LC_") || name.startsWith("LANG"));
    env.put("LC_ALL", "POSIX");
    env.put("MESOS_AGENT_ENDPOINT", "127.0.0.1:" + server.getAddress().getPort());
    env.put("MESOS_FRAMEWORK_ID", framework);
    env.put("MESOS_EXECUTOR_ID", "executor-1");
    env.put("MESOS_SANDBOX", sandbox.toString());
    env.put("MESOS_CHECKPOINT", "1");
    env.put("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "10secs");
    builder.redirectOutput(sandbox.resolve("stdout").toFile());
    builder.redirectError(sandbox.resolve("stderr").toFile());
    return builder.start();
  }

  /**
   * In place of the fetcher: the jar that the property {@code executor.jar} names (the packaged
   * one, from which much was left out), else one that holds nothing but the way to this build's
   * classes.
   */
  private static String jar(Path file) throws IOException {
    String packaged = System.getProperty("executor.jar");
    if (packaged == null) {
      writeJar(file);
    } else {
      Files.copy(Path.of(packaged), file, StandardCopyOption.REPLACE_EXISTING);
    }
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void writeJar(Path file) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, ExecutorMain.class.getName());
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toUri().toString())
                .collect(Collectors.joining(" ")));
    new JarOutputStream(Files.newOutputStream(file), manifest).close();
  }

  private void call(HttpExchange exchange) throws IOException {
    var call = Call.parseFrom(exchange.getRequestBody());
    if (call.getType() == Call.Type.SUBSCRIBE) {
      subscribe(exchange);
      return;
    }
    exchange.sendResponseHeaders(202, -1);
    exchange.close();
    if (call.getType() == Call.Type.UPDATE) {
      var status = call.getUpdate().getStatus();
      synchronized (statuses) {
        statuses.add(status);
        statuses.notifyAll();
      }
      emit(
          Event.newBuilder()
              .setType(Event.Type.ACKNOWLEDGED)
              .setAcknowledged(
                  Event.Acknowledged.newBuilder()
                      .setTaskId(status.getTaskId())
                      .setUuid(status.getUuid())));
    }
  }

  private void subscribe(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, 0);
    var id = ExecutorID.newBuilder().setValue("executor-1");
    var subscribed =
        Event.newBuilder()
            .setType(Event.Type.SUBSCRIBED)
            .setSubscribed(
                Event.Subscribed.newBuilder()
                    .setExecutorInfo(ExecutorInfo.newBuilder().setExecutorId(id))
                    .setFrameworkInfo(FrameworkInfo.newBuilder().setUser("u").setName("n"))
                    .setAgentInfo(AgentInfo.newBuilder().setHostname("host").setPort(5051)))
            .build();
    synchronized (pending) {
      stream = exchange.getResponseBody();
      write(subscribed);
      for (Event event : pending) {
        write(event);
      }
      pending.clear();
    }
  }

  /** Now, or as soon as the executor has subscribed. */
  private void emit(Event.Builder event) {
    synchronized (pending) {
      if (stream == null) {
        pending.add(event.build());
        return;
      }
      try {
        write(event.build());
      } catch (IOException e) {
        throw new UncheckedIOException("the executor has gone", e);
      }
    }
  }

  private void write(Event event) throws IOException {
    byte[] record = event.toByteArray();
    stream.write((record.length + "\n").getBytes(US_ASCII));
    stream.write(record);
    stream.flush();
  }

  void launch(TaskInfo task) {
    emit(
        Event.newBuilder()
            .setType(Event.Type.LAUNCH)
            .setLaunch(Event.Launch.newBuilder().setTask(task)));
  }

  void kill(String task) {
    emit(
        Event.newBuilder()
            .setType(Event.Type.KILL)
            .setKill(Event.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(task))));
  }

  void shutdown() {
    emit(Event.newBuilder().setType(Event.Type.SHUTDOWN));
  }

  /** Waits for a status. */
  TaskStatus await(String task, Predicate<TaskStatus> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    synchronized (statuses) {
      while (true) {
        for (TaskStatus status : statuses) {
          if (status.getTaskId().getValue().equals(task) && wanted.test(status)) {
            return status;
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("no such status of " + task + " among " + statuses);
        }
        statuses.wait(left);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    server.stop(0);
  }
}
