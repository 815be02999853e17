package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.wire.Reply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.quota.Protos.QuotaConfig;
import org.apache.mesos.v1.quota.Protos.QuotaRequest;
import org.apache.mesos.v1.quota.Protos.QuotaStatus;

/**
 * Quotas of roles: what is guaranteed to each, and how much it may have at most. Checks and texts
 * are those of Mesos' {@code src/master/quota_handler.cpp} and {@code quota.cpp}. A quota is for a
 * role and all below it; one of a role below another is not supported, in Mesos neither.
 */
final class Quotas {

  private static final Map<String, Long> TOO_MUCH = Map.of("mem", 1L << 40, "disk", 1L << 40);
  private static final long TRILLION = 1_000_000_000_000L;

  private final MasterState state;

  Quotas(MasterState state) {
    this.state = state;
  }

  /** The role whose quota counts for a role: the first name of its path. */
  static String top(String role) {
    int slash = role.indexOf('/');
    return slash < 0 ? role : role.substring(0, slash);
  }

  /** UPDATE_QUOTA: all of them or none. */
  Reply update(List<QuotaConfig> configs, boolean force) {
    Map<String, QuotaConfig> after = new LinkedHashMap<>(state.registry.quotas);
    for (QuotaConfig config : configs) {
      String role = config.getRole();
      Set<String> whitelist = state.config.roles();
      if (!whitelist.isEmpty() && !whitelist.contains(role)) {
        return Reply.error(
            400, "Invalid QuotaConfig: '" + role + "' is not on the roles whitelist");
      }
      if (role.contains("/")) {
        return Reply.error(
            400, "Updating quota on nested role '" + role + "' is not supported yet");
      }
      Optional<String> wrong = wrong(config);
      if (wrong.isPresent()) {
        return Reply.error(400, "Invalid QuotaConfig: " + wrong.get());
      }
      after.put(role, config);
    }
    for (QuotaConfig config : configs) {
      Map<String, Long> consumed = used(config.getRole());
      Map<String, Long> limits = milli(config.getLimitsMap());
      boolean within =
          limits.entrySet().stream()
              .allMatch(limit -> consumed.getOrDefault(limit.getKey(), 0L) <= limit.getValue());
      if (!within && !force) {
        return Reply.error(
            400,
            "Invalid QuotaConfig: Role '"
                + config.getRole()
                + "' is already consuming '"
                + text(consumed)
                + "'; this is more than the requested limits '"
                + text(limits)
                + "' (use 'force' flag to bypass this check)");
      }
    }
    Map<String, Long> guaranteed = new TreeMap<>();
    after
        .values()
        .forEach(
            quota ->
                milli(quota.getGuaranteesMap())
                    .forEach((name, amount) -> guaranteed.merge(name, amount, Long::sum)));
    Map<String, Long> capacity = capacity();
    boolean fits =
        guaranteed.entrySet().stream()
            .allMatch(sum -> sum.getValue() <= capacity.getOrDefault(sum.getKey(), 0L));
    if (!fits && !force) {
      return Reply.error(
          400,
          "Invalid QuotaConfig: total quota guarantees '"
              + text(guaranteed)
              + "' exceed cluster capacity '"
              + text(capacity)
              + "' (use 'force' flag to bypass this check)");
    }
    after.values().removeIf(quota -> quota.getGuaranteesCount() + quota.getLimitsCount() == 0);
    state.registry.quotas.clear();
    state.registry.quotas.putAll(after);
    return Reply.OK;
  }

  /** SET_QUOTA of old: a guarantee that is the limit as well. */
  Reply set(QuotaRequest request) {
    String role = request.getRole();
    if (state.registry.quotas.containsKey(role)) {
      return Reply.error(
          400,
          "Failed to validate set quota request: Cannot set quota for role '"
              + role
              + "' which already has quota");
    }
    if (request.getGuaranteeCount() == 0) {
      return Reply.error(
          400,
          "Failed to create 'QuotaInfo' from set quota request: QuotaInfo with empty"
              + " 'guarantee'");
    }
    QuotaConfig.Builder config = QuotaConfig.newBuilder().setRole(role);
    for (Resource resource : request.getGuaranteeList()) {
      config.putGuarantees(resource.getName(), resource.getScalar());
      config.putLimits(resource.getName(), resource.getScalar());
    }
    return update(List.of(config.build()), request.getForce());
  }

  /** REMOVE_QUOTA of old. */
  Reply remove(String role) {
    if (state.registry.quotas.remove(role) == null) {
      return Reply.error(
          400, "Failed to remove quota for path '/api/v1': Role '" + role + "' has no quota set");
    }
    return Reply.OK;
  }

  /** GET_QUOTA. */
  @SuppressWarnings("deprecation") // Mesos fills in the infos of old beside the configs.
  QuotaStatus status() {
    QuotaStatus.Builder out = QuotaStatus.newBuilder();
    for (QuotaConfig config : state.registry.quotas.values()) {
      var info = out.addInfosBuilder().setRole(config.getRole());
      new TreeMap<>(config.getGuaranteesMap())
          .forEach(
              (name, amount) ->
                  info.addGuaranteeBuilder()
                      .setName(name)
                      .setType(Value.Type.SCALAR)
                      .setScalar(amount));
      out.addConfigs(config);
    }
    return out.build();
  }

  private static Optional<String> wrong(QuotaConfig config) {
    Optional<String> role = FrameworkRules.role(config.getRole());
    if (role.isPresent()) {
      return Optional.of("Invalid 'QuotaConfig.role': " + role.get());
    }
    Optional<String> guarantees = wrong("guarantee", config.getGuaranteesMap());
    Optional<String> limits = wrong("limit", config.getLimitsMap());
    if (guarantees.isPresent() || limits.isPresent()) {
      return guarantees.or(() -> limits);
    }
    Map<String, Long> most = milli(config.getLimitsMap());
    boolean contained =
        milli(config.getGuaranteesMap()).entrySet().stream()
            .allMatch(one -> one.getValue() <= most.getOrDefault(one.getKey(), Long.MAX_VALUE));
    return contained
        ? Optional.empty()
        : Optional.of(
            "'QuotaConfig.guarantees' "
                + shown(config.getGuaranteesMap())
                + " is not contained within the 'QuotaConfig.limits' "
                + shown(config.getLimitsMap()));
  }

  private static Optional<String> wrong(String what, Map<String, Value.Scalar> amounts) {
    for (Map.Entry<String, Value.Scalar> one : amounts.entrySet()) {
      double value = one.getValue().getValue();
      String shown = "{'" + one.getKey() + "': " + number(value) + "}";
      long most = TOO_MUCH.getOrDefault(one.getKey(), TRILLION);
      if (value > most) {
        return Optional.of(
            "Invalid 'QuotaConfig."
                + what
                + "s': "
                + shown
                + " is invalid: values greater than "
                + (most == TRILLION ? "1 trillion" : "1 exabyte")
                + " ("
                + most
                + ") are not supported");
      }
      if (!(value >= 0)) {
        return Optional.of(
            "Invalid " + what + " configuration " + shown + ": Invalid scalar value: negative");
      }
    }
    return Optional.empty();
  }

  // --- what they mean to an allocation; amounts in thousandths by name of the resource

  /** How much more a role may have; what is not named is not limited. */
  Map<String, Long> room(String role, Shares held) {
    QuotaConfig quota = state.registry.quotas.get(top(role));
    Map<String, Long> room = new TreeMap<>();
    if (quota != null) {
      milli(quota.getLimitsMap())
          .forEach(
              (name, limit) -> room.put(name, Math.max(0, limit - held.milli(top(role), name))));
    }
    return room;
  }

  /** What of its guarantee a role does not have yet. */
  Map<String, Long> owed(String role, Shares held) {
    QuotaConfig quota = state.registry.quotas.get(role);
    Map<String, Long> owed = new TreeMap<>();
    if (quota != null) {
      milli(quota.getGuaranteesMap())
          .forEach(
              (name, amount) -> {
                long missing = amount - held.milli(role, name);
                if (missing > 0) {
                  owed.put(name, missing);
                }
              });
    }
    return owed;
  }

  /** What is owed to all roles but one: it must stay free for them. */
  Map<String, Long> owedToOthers(String role, Shares held) {
    Map<String, Long> sum = new TreeMap<>();
    for (String other : state.registry.quotas.keySet()) {
      if (!other.equals(top(role))) {
        owed(other, held).forEach((name, amount) -> sum.merge(name, amount, Long::sum));
      }
    }
    return sum;
  }

  /** What tasks and executors of a role take. */
  private Map<String, Long> used(String role) {
    Bag used = Bag.EMPTY;
    for (Agent agent : state.agents.values()) {
      used =
          used.plus(
              agent
                  .used()
                  .filter(resource -> top(resource.getAllocationInfo().getRole()).equals(role))
                  .unallocated());
    }
    return scalars(used);
  }

  private Map<String, Long> capacity() {
    Bag all = Bag.EMPTY;
    for (Agent agent : state.agents.values()) {
      all = all.plus(agent.total);
    }
    return scalars(all);
  }

  private static Map<String, Long> scalars(Bag bag) {
    Map<String, Long> out = new TreeMap<>();
    bag.scalarNames().forEach(name -> out.put(name, bag.milli(name)));
    return out;
  }

  private static Map<String, Long> milli(Map<String, Value.Scalar> amounts) {
    Map<String, Long> out = new TreeMap<>();
    amounts.forEach((name, amount) -> out.put(name, Math.round(amount.getValue() * 1000)));
    return out;
  }

  private static String text(Map<String, Long> milli) {
    return milli.entrySet().stream()
        .map(one -> one.getKey() + ":" + number(one.getValue() / 1000.0))
        .collect(Collectors.joining("; "));
  }

  private static String shown(Map<String, Value.Scalar> amounts) {
    return new TreeMap<>(amounts)
        .entrySet().stream()
            .map(one -> one.getKey() + ": " + number(one.getValue().getValue()))
            .collect(Collectors.joining(", ", "{ ", " }"));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
