package io.springtide.harness.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.springtide.mesos.ProtobufGencode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulator with real child processes and the real clients, over HTTP. */
class RealExecutorTest {

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;
  private MesosEmulator mesos;
  private SchedulerProbe scheduler;
  private HttpServer files;
  private final AtomicInteger downloads = new AtomicInteger();

  @BeforeEach
  void start() throws IOException, InterruptedException {
    files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    files.createContext(
        "/payload.txt",
        exchange -> {
          downloads.incrementAndGet();
          exchange.sendResponseHeaders(200, 5);
          exchange
              .getResponseBody()
              .write("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
          exchange.close();
        });
    files.start();
    mesos =
        MesosEmulator.start(
            EmulatorConfig.in(dir)
                .withTimings(
                    Timings.ofMesos()
                        .withAllocationInterval(QuickMesos.ALLOCATION_INTERVAL)
                        .withAgentPing(Duration.ofSeconds(5), 3)));
    QuickMesos.join(mesos, "agent1", "cpus:4;mem:4096;disk:1000;ports:[31000-31009]");
    scheduler = new SchedulerProbe(mesos.masterUri(), SchedulerProbe.framework("probe"));
  }

  @AfterEach
  void stop() {
    scheduler.close();
    mesos.close();
    files.stop(0);
  }

  private ExecutorInfo executor(String id) {
    ExecutorInfo.Builder info = ExecutorInfo.newBuilder().setType(ExecutorInfo.Type.CUSTOM);
    info.getExecutorIdBuilder().setValue(id);
    info.getCommandBuilder()
        .setValue(
            "exec "
                + Path.of(System.getProperty("java.home"), "bin", "java")
                + " -Xshare:auto -cp "
                + System.getProperty("java.class.path")
                + " "
                + TinyExecutor.class.getName());
    info.getCommandBuilder()
        .addUrisBuilder()
        .setValue("http://127.0.0.1:" + files.getAddress().getPort() + "/payload.txt")
        .setCache(true)
        .setExtract(false);
    return info.build();
  }

  private void launch(Offer offer, String taskId, ExecutorInfo executor) {
    TaskInfo.Builder task = TaskInfo.newBuilder().setName(taskId).setAgentId(offer.getAgentId());
    task.getTaskIdBuilder().setValue(taskId);
    task.setExecutor(executor);
    task.addResourcesBuilder()
        .setName("cpus")
        .setType(org.apache.mesos.v1.Protos.Value.Type.SCALAR)
        .getScalarBuilder()
        .setValue(0.1);
    Call.Builder call = scheduler.call(Call.Type.ACCEPT);
    call.getAcceptBuilder().addOfferIds(offer.getId()).getFiltersBuilder().setRefuseSeconds(0);
    call.getAcceptBuilder()
        .addOperationsBuilder()
        .setType(Offer.Operation.Type.LAUNCH)
        .getLaunchBuilder()
        .addTaskInfos(task);
    scheduler.send(call);
  }

  private AgentView.ExecutorView onlyExecutor() {
    return mesos.agent("agent1").executors().get(0);
  }

  private static List<Long> descendants(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .map(ProcessHandle::pid)
        .toList();
  }

  private static void awaitGone(List<Long> pids) throws InterruptedException {
    for (int i = 0; i < 500 && pids.stream().anyMatch(RealExecutorTest::alive); i++) {
      Thread.sleep(10);
    }
    assertThat(pids).noneMatch(RealExecutorTest::alive);
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @Test
  void runsATaskInAProcessOfItsOwnAndKillsTheWholeTreeWithIt() throws Exception {
    launch(scheduler.offer(), "t1", executor("ex1"));
    TaskStatus running = scheduler.update("t1");
    assertThat(running.getState()).isEqualTo(TaskState.TASK_RUNNING);
    AgentView.ExecutorView run = onlyExecutor();
    assertThat(run.subscribed()).isTrue();
    assertThat(Files.readString(run.sandbox().resolve("payload.txt"))).isEqualTo("hello");
    assertThat(Files.readString(run.sandbox().resolve("stdout"))).contains("started " + run.pid());
    List<Long> tree = descendants(run.pid());
    assertThat(tree).as("the child that hides in a session of its own").isNotEmpty();

    assertThat(mesos.killExecutor("agent1", "ex1")).isTrue();
    Event failure = scheduler.await(event -> event.getType() == Event.Type.FAILURE);
    assertThat(failure.getFailure().getStatus()).isEqualTo(9);
    TaskStatus failed = scheduler.update("t1");
    assertThat(failed.getState()).isEqualTo(TaskState.TASK_FAILED);
    assertThat(failed.getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
    awaitGone(tree);
  }

  @Test
  void anExecutorOutlivesItsAgentAndComesBack() throws Exception {
    launch(scheduler.offer(), "t1", executor("ex1"));
    scheduler.update("t1");
    long pid = onlyExecutor().pid();
    mesos.killAgent("agent1");
    assertThat(alive(pid)).isTrue();
    mesos.restartAgent("agent1");
    AgentView view = mesos.awaitRegistered("agent1", Duration.ofSeconds(10));
    assertThat(view.executors()).hasSize(1);
    assertThat(onlyExecutor().pid()).isEqualTo(pid);
    assertThat(onlyExecutor().subscribed()).isTrue();

    Call.Builder kill = scheduler.call(Call.Type.KILL);
    kill.getKillBuilder().getTaskIdBuilder().setValue("t1");
    scheduler.send(kill);
    TaskStatus status = scheduler.update("t1");
    while (status.getState() == TaskState.TASK_RUNNING) {
      status = scheduler.update("t1"); // its acknowledgement may have died with the agent
    }
    assertThat(status.getState()).isEqualTo(TaskState.TASK_KILLED);
  }

  @Test
  void fetchesACachedUriOnceAndSaysWhatItCannotFetch() throws Exception {
    launch(scheduler.offer(), "t1", executor("ex1"));
    launch(scheduler.offer(), "t2", executor("ex2"));
    scheduler.update("t1");
    scheduler.update("t2");
    assertThat(downloads.get()).isEqualTo(1);

    ExecutorInfo.Builder bad = executor("ex3").toBuilder();
    bad.getCommandBuilder().getUrisBuilder(0).setCache(false).setValue("http://127.0.0.1:1/no");
    launch(scheduler.offer(), "t3", bad.build());
    TaskStatus failed = scheduler.update("t3");
    assertThat(failed.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
    assertThat(failed.getMessage()).startsWith("Failed to launch container: Failed to fetch all");
  }

  @Test
  void closingLeavesNoProcessBehind() throws Exception {
    launch(scheduler.offer(), "t1", executor("ex1"));
    scheduler.update("t1");
    long pid = onlyExecutor().pid();
    List<Long> tree = descendants(pid);
    mesos.close();
    assertThat(alive(pid)).isFalse();
    awaitGone(tree);
  }

  @Test
  void anExecutorThatEndsByItselfReportsItsExitCode() throws Exception {
    ExecutorInfo.Builder exits = executor("ex1").toBuilder();
    exits.getCommandBuilder().setValue("exit 7");
    launch(scheduler.offer(), "t1", exits.build());
    Event failure = scheduler.await(event -> event.getType() == Event.Type.FAILURE);
    assertThat(failure.getFailure().getStatus()).isEqualTo(7 << 8);
    assertThat(scheduler.update("t1").getState()).isEqualTo(TaskState.TASK_FAILED);
  }
}
