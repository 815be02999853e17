package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.ResourceText;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Value;

/**
 * What a resource must be like to be understood at all. A master looks at these before anything
 * else, over a whole operation: one bad resource refuses all tasks of its LAUNCH or LAUNCH_GROUP
 * ({@code validateAndUpgradeResources} in Mesos' {@code src/common/resources_utils.cpp}, {@code
 * Resources::validate} in {@code src/common/resources.cpp}).
 */
final class ResourceRules {
  /** Mesos counts in thousandths: what is less than half of one is nothing. */
  private static final double LEAST = 0.0005;

  private ResourceRules() {}

  /** The first bad resource of a LAUNCH or LAUNCH_GROUP, in Mesos' words. */
  static Optional<String> check(Offer.Operation operation) {
    List<TaskInfo> tasks =
        operation.hasLaunchGroup()
            ? operation.getLaunchGroup().getTaskGroup().getTasksList()
            : operation.getLaunch().getTaskInfosList();
    Optional<String> error = check(operation.getLaunchGroup().getExecutor().getResourcesList());
    for (TaskInfo task : tasks) {
      error =
          error
              .or(() -> check(task.getResourcesList()))
              .or(() -> check(task.getExecutor().getResourcesList()));
    }
    return error;
  }

  private static Optional<String> check(List<Resource> resources) {
    for (Resource resource : resources) {
      Optional<String> error = check(resource);
      if (error.isPresent()) {
        return Optional.of(
            "Resource '" + ResourceText.format(resource) + "' is invalid: " + error.get());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> check(Resource resource) {
    if (resource.getName().isEmpty()) {
      return Optional.of("Empty resource name");
    }
    boolean scalar = resource.hasScalar();
    boolean ranges = resource.hasRanges();
    boolean set = resource.hasSet();
    return switch (resource.getType()) {
      case SCALAR ->
          !scalar || ranges || set
              ? Optional.of("Invalid scalar resource")
              : check(resource.getScalar().getValue());
      case RANGES ->
          scalar || !ranges || set
              ? Optional.of("Invalid ranges resource")
              : check(resource.getRanges());
      case SET ->
          scalar || ranges || !set ? Optional.of("Invalid set resource") : check(resource.getSet());
      default -> Optional.of("Unsupported resource type");
    };
  }

  private static Optional<String> check(double amount) {
    return amount != 0 && amount < LEAST
        ? Optional.of("Invalid scalar resource: value <= 0")
        : Optional.empty();
  }

  private static Optional<String> check(Value.Ranges ranges) {
    for (int i = 0; i < ranges.getRangeCount(); i++) {
      Value.Range range = ranges.getRange(i);
      if (range.getBegin() > range.getEnd()) {
        return Optional.of("Invalid ranges resource: begin > end");
      }
      for (Value.Range other : ranges.getRangeList().subList(i + 1, ranges.getRangeCount())) {
        if (range.getBegin() <= other.getBegin() && other.getBegin() <= range.getEnd()) {
          return Optional.of("Invalid ranges resource: overlapping ranges");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> check(Value.Set set) {
    return new HashSet<>(set.getItemList()).size() < set.getItemCount()
        ? Optional.of("Invalid set resource: duplicated elements")
        : Optional.empty();
  }
}
