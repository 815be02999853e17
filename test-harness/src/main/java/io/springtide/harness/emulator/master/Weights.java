package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.wire.Reply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.WeightInfo;
import org.apache.mesos.v1.master.Protos.Response;

/**
 * Weights of roles: a role of weight 2 gets twice as much before it counts as much. Texts as in
 * Mesos' {@code src/master/weights_handler.cpp}.
 */
final class Weights {

  private final MasterState state;

  Weights(MasterState state) {
    this.state = state;
  }

  double of(String role) {
    return state.registry.weights.getOrDefault(role, 1.0);
  }

  /** UPDATE_WEIGHTS: all of them or none. */
  Reply update(List<WeightInfo> infos) {
    Map<String, Double> after = new LinkedHashMap<>();
    Set<String> whitelist = state.config.roles();
    String prefix = "Failed to validate update weights request JSON";
    for (WeightInfo info : infos) {
      String role = info.getRole().strip();
      Optional<String> wrong = FrameworkRules.role(role);
      if (wrong.isPresent()) {
        return Reply.error(400, prefix + ": Invalid role '" + role + "': " + wrong.get());
      }
      if (!whitelist.isEmpty() && !whitelist.contains(role)) {
        return Reply.error(400, prefix + ": Unknown role '" + role + "'");
      }
      if (!(info.getWeight() > 0)) {
        return Reply.error(
            400,
            prefix
                + " for role '"
                + role
                + "': Invalid weight '"
                + (info.getWeight() == Math.rint(info.getWeight())
                    ? String.valueOf((long) info.getWeight())
                    : String.valueOf(info.getWeight()))
                + "': Weights must be positive");
      }
      after.put(role, info.getWeight());
    }
    state.registry.weights.putAll(after);
    return Reply.OK;
  }

  /** GET_WEIGHTS: those that were ever set. */
  void show(Response.GetWeights.Builder out) {
    state.registry.weights.forEach(
        (role, weight) -> out.addWeightInfosBuilder().setRole(role).setWeight(weight));
  }
}
