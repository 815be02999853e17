package io.springtide.harness.emulator;

import com.google.protobuf.ByteString;
import io.springtide.mesos.CallListener;
import io.springtide.mesos.Executor;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.mesos.ExecutorMesos;
import io.springtide.mesos.HttpExecutor;
import io.springtide.mesos.WireOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * The smallest real executor: says that its tasks run, starts a child that hides, ends on order.
 */
final class TinyExecutor implements Executor {

  private final ExecutorEnvironment environment;
  private final CountDownLatch over = new CountDownLatch(1);

  private TinyExecutor(ExecutorEnvironment environment) {
    this.environment = environment;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ExecutorEnvironment environment = ExecutorEnvironment.from(System.getenv());
    TinyExecutor executor = new TinyExecutor(environment);
    System.out.println("started " + ProcessHandle.current().pid());
    new ProcessBuilder("setsid", "sleep", "600").inheritIO().start();
    try (HttpExecutor mesos =
        new HttpExecutor(environment, WireOptions.defaults(), executor, new Errors())) {
      mesos.start();
      executor.over.await();
    }
    System.exit(0);
  }

  @Override
  public void connected(ExecutorMesos mesos) {}

  @Override
  public void disconnected(ExecutorMesos mesos) {}

  @Override
  public void received(ExecutorMesos mesos, Event event) {
    switch (event.getType()) {
      case LAUNCH -> update(mesos, event.getLaunch().getTask().getTaskId(), TaskState.TASK_RUNNING);
      case KILL -> update(mesos, event.getKill().getTaskId(), TaskState.TASK_KILLED);
      case SHUTDOWN -> over.countDown();
      default -> {}
    }
  }

  private void update(ExecutorMesos mesos, TaskID task, TaskState state) {
    UUID uuid = UUID.randomUUID();
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).flip();
    mesos.send(
        environment.update(
            TaskStatus.newBuilder()
                .setTaskId(task)
                .setState(state)
                .setUuid(ByteString.copyFrom(bytes))
                .build()));
  }

  private static final class Errors implements CallListener<Call> {
    @Override
    public void refused(Call call, int status, String message) {
      System.err.println("refused " + status + " " + message);
    }

    @Override
    public void failed(Call call, Fate fate, String reason) {
      System.err.println("failed " + fate + " " + reason);
    }
  }
}
