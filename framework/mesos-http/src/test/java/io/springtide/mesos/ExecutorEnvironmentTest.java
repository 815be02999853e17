package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutorEnvironmentTest {
  /** The variables of golden trace 04, less those that are no business of the client. */
  private final Map<String, String> env =
      new HashMap<>(
          Map.of(
              "MESOS_AGENT_ENDPOINT", "127.0.0.1:15051",
              "MESOS_CHECKPOINT", "1",
              "MESOS_SANDBOX", "/var/lib/mesos/run",
              "MESOS_EXECUTOR_ID", "ex1",
              "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "4secs",
              "MESOS_FRAMEWORK_ID", "f-0000",
              "MESOS_RECOVERY_TIMEOUT", "15mins",
              "MESOS_SLAVE_ID", "f-S0",
              "MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs"));

  @Test
  void readsWhatAnAgentSets() {
    ExecutorEnvironment read = ExecutorEnvironment.from(env);
    assertThat(read.agent()).isEqualTo(Endpoint.parse("127.0.0.1:15051"));
    assertThat(read.frameworkId().getValue()).isEqualTo("f-0000");
    assertThat(read.executorId().getValue()).isEqualTo("ex1");
    assertThat(read.sandbox()).contains(Path.of("/var/lib/mesos/run"));
    assertThat(read.checkpoint()).isTrue();
    assertThat(read.recoveryTimeout()).isEqualTo(Duration.ofMinutes(15));
    assertThat(read.subscriptionBackoffMax()).isEqualTo(Duration.ofSeconds(2));
    assertThat(read.shutdownGracePeriod()).isEqualTo(Duration.ofSeconds(4));
    assertThat(read.credential()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"250ms, 250", "1.5secs, 1500", "1hrs, 3600000", "2days, 172800000", "1000000ns, 1"})
  void readsDurationsAsMesosWritesThem(String text, long millis) {
    env.put("MESOS_RECOVERY_TIMEOUT", text);
    assertThat(ExecutorEnvironment.from(env).recoveryTimeout())
        .isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void namesWhatIsMissingOrWrong() {
    env.put("MESOS_RECOVERY_TIMEOUT", "soon");
    assertThatThrownBy(() -> ExecutorEnvironment.from(env))
        .hasMessage(
            "MESOS_RECOVERY_TIMEOUT is \"soon\"; expected a duration such as 2secs or 15mins");
    env.put("MESOS_AGENT_ENDPOINT", "nowhere");
    assertThatThrownBy(() -> ExecutorEnvironment.from(env))
        .hasMessageStartingWith("MESOS_AGENT_ENDPOINT: \"nowhere\" is not an endpoint");
    env.remove("MESOS_AGENT_ENDPOINT");
    assertThatThrownBy(() -> ExecutorEnvironment.from(env))
        .hasMessageStartingWith("environment variable MESOS_AGENT_ENDPOINT is not set");
  }

  @Test
  void aTokenIsShownToTheAgentAndToNobodyElse() {
    env.put("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "abc.def.ghi");
    ExecutorEnvironment read = ExecutorEnvironment.from(env);
    assertThat(read.credential().orElseThrow().header()).isEqualTo("Bearer abc.def.ghi");
    assertThat(read.toString()).doesNotContain("abc.def.ghi");
    env.put("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "abc\r\nX: y");
    assertThatThrownBy(() -> ExecutorEnvironment.from(env))
        .hasMessageStartingWith("MESOS_EXECUTOR_AUTHENTICATION_TOKEN")
        .hasMessageNotContaining("abc");
  }

  @Test
  void anUpdateCarriesWhatAnAgentDemands() {
    TaskStatus status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue("t1"))
            .setState(TaskState.TASK_RUNNING)
            .build();
    Call update = ExecutorEnvironment.from(env).update(status);
    assertThat(update.getExecutorId().getValue()).isEqualTo("ex1");
    assertThat(update.getFrameworkId().getValue()).isEqualTo("f-0000");
    TaskStatus sent = update.getUpdate().getStatus();
    assertThat(sent.getUuid().size()).isEqualTo(16);
    assertThat(sent.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
    assertThat(sent.getExecutorId().getValue()).isEqualTo("ex1");
    assertThat(ExecutorEnvironment.from(env).update(sent).getUpdate().getStatus()).isEqualTo(sent);
  }

  /** An agent hands this on as it is: what an executor leaves out, nobody knows. */
  @Test
  void anUpdateSaysWhen() {
    TaskStatus status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue("t1"))
            .setState(TaskState.TASK_RUNNING)
            .build();
    double before = System.currentTimeMillis() / 1000.0;
    TaskStatus sent = ExecutorEnvironment.from(env).update(status).getUpdate().getStatus();
    assertThat(sent.getTimestamp()).isBetween(before, System.currentTimeMillis() / 1000.0);
  }
}
