package io.springtide.harness.emulator.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** What a call must be like by itself; each method gives the first error in Mesos' words. */
final class CallRules {

  private CallRules() {}

  static Optional<String> scheduler(Call call, String principal) {
    Optional<String> error = schedulerShape(call, principal);
    return error.map(text -> "Failed to validate scheduler::Call: " + text);
  }

  private static Optional<String> schedulerShape(Call call, String principal) {
    if (!call.hasType()) {
      return Optional.of("Expecting 'type' to be present");
    }
    if (call.getType() == Call.Type.SUBSCRIBE) {
      if (!call.hasSubscribe()) {
        return Optional.of("Expecting 'subscribe' to be present");
      }
      FrameworkInfo info = call.getSubscribe().getFrameworkInfo();
      if (!info.getId().equals(call.getFrameworkId())) {
        return Optional.of("'framework_id' differs from 'subscribe.framework_info.id'");
      }
      if (!principal.isEmpty() && info.hasPrincipal() && !info.getPrincipal().equals(principal)) {
        return Optional.of(
            "Authenticated principal '"
                + principal
                + "' does not match principal '"
                + info.getPrincipal()
                + "' set in `FrameworkInfo`");
      }
      return Optional.empty();
    }
    if (!call.hasFrameworkId()) {
      return Optional.of("Expecting 'framework_id' to be present");
    }
    return switch (call.getType()) {
      case UNKNOWN, TEARDOWN, REVIVE, SUPPRESS -> Optional.empty();
      case ACKNOWLEDGE ->
          call.hasAcknowledge()
              ? uuid(call.getAcknowledge().getUuid())
              : Optional.of("Expecting 'acknowledge' to be present");
      case ACKNOWLEDGE_OPERATION_STATUS ->
          call.hasAcknowledgeOperationStatus()
              ? uuid(call.getAcknowledgeOperationStatus().getUuid())
              : Optional.of("Expecting 'acknowledge_operation_status' to be present");
      case UPDATE_FRAMEWORK -> updateFramework(call);
      default -> present(call, call.getType().name());
    };
  }

  private static Optional<String> updateFramework(Call call) {
    if (!call.hasUpdateFramework()) {
      return Optional.of("Expecting 'update_framework' to be present");
    }
    return call.getUpdateFramework().getFrameworkInfo().getId().equals(call.getFrameworkId())
        ? Optional.empty()
        : Optional.of("'framework_id' differs from 'update_framework.framework_info.id'");
  }

  /** The message of a call is the field called as its type. */
  private static Optional<String> present(Message call, String type) {
    String name = type.toLowerCase(Locale.ROOT);
    FieldDescriptor field = call.getDescriptorForType().findFieldByName(name);
    return field == null || call.hasField(field)
        ? Optional.empty()
        : Optional.of("Expecting '" + name + "' to be present");
  }

  private static Optional<String> uuid(ByteString bytes) {
    return bytes.size() == 16 ? Optional.empty() : Optional.of("Not a valid UUID");
  }

  static Optional<String> executor(org.apache.mesos.v1.executor.Protos.Call call) {
    return executorShape(call).map(text -> "Failed to validate Executor::Call: " + text);
  }

  private static Optional<String> executorShape(org.apache.mesos.v1.executor.Protos.Call call) {
    if (!call.hasType()) {
      return Optional.of("Expecting 'type' to be present");
    }
    Optional<String> missing = present(call, call.getType().name());
    if (missing.isPresent()
        || call.getType() != org.apache.mesos.v1.executor.Protos.Call.Type.UPDATE) {
      return missing;
    }
    TaskStatus status = call.getUpdate().getStatus();
    String executorId = call.getExecutorId().getValue();
    String who = "executor " + executorId + " of framework " + call.getFrameworkId().getValue();
    if (!status.hasUuid()) {
      return Optional.of("Expecting 'uuid' to be present");
    }
    Optional<String> uuid = uuid(status.getUuid());
    if (uuid.isPresent()) {
      return uuid;
    }
    if (status.hasExecutorId() && !status.getExecutorId().getValue().equals(executorId)) {
      return Optional.of(
          "ExecutorID in Call: "
              + executorId
              + " does not match ExecutorID in TaskStatus: "
              + status.getExecutorId().getValue());
    }
    if (status.getSource() != TaskStatus.Source.SOURCE_EXECUTOR) {
      return Optional.of(
          "Received Call from " + who + " with invalid source, expecting 'SOURCE_EXECUTOR'");
    }
    if (status.getState() == TaskState.TASK_STAGING) {
      return Optional.of("Received TASK_STAGING from " + who + " which is not allowed");
    }
    return Optional.empty();
  }

  private static final Set<String> WITHOUT_MESSAGE =
      Set.of("GET_METRICS", "SET_LOGGING_LEVEL", "LIST_FILES", "READ_FILE");

  /** Operator calls of master and agent: the type, and the message where the type has one. */
  static Optional<String> operator(Message call, boolean hasType, String type, String name) {
    if (!hasType) {
      return Optional.of("Failed to validate " + name + "::Call: Expecting 'type' to be present");
    }
    if (type.startsWith("GET_") && !WITHOUT_MESSAGE.contains(type)) {
      return Optional.empty();
    }
    return present(call, type).map(text -> "Failed to validate " + name + "::Call: " + text);
  }
}
