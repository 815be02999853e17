package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.json.ProtoPrinter;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Protos.AttributeConstraint;
import org.apache.mesos.v1.scheduler.Protos.OfferConstraints;

/** What a FrameworkInfo must be like; each method gives the first error in Mesos' words. */
final class FrameworkRules {

  private FrameworkRules() {}

  /** Checks a FrameworkInfo by itself and against the whitelist of roles. */
  @SuppressWarnings("deprecation")
  static Optional<String> validate(FrameworkInfo info, Set<String> whitelist) {
    boolean multiRole = Framework.can(info, FrameworkInfo.Capability.Type.MULTI_ROLE);
    if (multiRole && info.hasRole()) {
      return Optional.of(
          "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable");
    }
    if (!multiRole && info.getRolesCount() > 0) {
      return Optional.of(
          "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
    }
    if (multiRole) {
      Set<String> seen = new LinkedHashSet<>();
      Set<String> twice = new TreeSet<>();
      info.getRolesList().stream().filter(role -> !seen.add(role)).forEach(twice::add);
      if (!twice.isEmpty()) {
        return Optional.of("'FrameworkInfo.roles' contains duplicate items: " + set(twice));
      }
    }
    String field =
        multiRole
            ? "FrameworkInfo.roles' contains invalid role"
            : "FrameworkInfo.role' is not a valid role";
    for (String role : Framework.roles(info)) {
      Optional<String> error = role(role);
      if (error.isPresent()) {
        return Optional.of("'" + field + ": " + error.get());
      }
    }
    if (info.hasId() && !info.getId().getValue().isEmpty()) {
      Optional<String> error = TaskRules.id(info.getId().getValue());
      if (error.isPresent()) {
        return error;
      }
    }
    double failover = info.getFailoverTimeout();
    if (!(Math.abs(failover) < Long.MAX_VALUE / 1e9)) {
      return Optional.of("The framework failover_timeout (" + shortest(failover) + ") is invalid");
    }
    for (String role : Framework.roles(info)) {
      if (!whitelist.isEmpty() && !whitelist.contains(role)) {
        return Optional.of("Role '" + role + "' is not present in the master's --roles");
      }
    }
    return Optional.empty();
  }

  /** Checks that suppressed roles are roles of the framework. */
  static Optional<String> suppressed(FrameworkInfo info, List<String> suppressed) {
    Set<String> foreign = new TreeSet<>(suppressed);
    foreign.removeAll(Framework.roles(info));
    return foreign.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Suppressed roles " + set(foreign) + " are not contained in the set of roles");
  }

  /** Checks offer constraints, whose patterns Mesos reads as RE2. */
  static Optional<String> constraints(FrameworkInfo info, OfferConstraints constraints) {
    for (String role : constraints.getRoleConstraintsMap().keySet()) {
      if (!Framework.roles(info).contains(role)) {
        return Optional.of(
            "Offer constraints specify `role_constraints` for a role '"
                + role
                + "' which is not contained in the set of roles");
      }
      OfferConstraints.RoleConstraints groups = constraints.getRoleConstraintsOrThrow(role);
      for (OfferConstraints.RoleConstraints.Group group : groups.getGroupsList()) {
        for (AttributeConstraint constraint : group.getAttributeConstraintsList()) {
          String pattern = OfferFilter.pattern(constraint);
          try {
            Pattern.compile(pattern);
          } catch (PatternSyntaxException e) {
            return Optional.of(
                "Offer constraints are not valid: A role "
                    + role
                    + " has an invalid 'AttributeConstraint': Failed to construct regex from"
                    + " pattern '"
                    + pattern
                    + "': missing ): "
                    + pattern);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Checks a change of a FrameworkInfo by UPDATE_FRAMEWORK. */
  static Optional<String> update(FrameworkInfo before, FrameworkInfo after) {
    if (!before.getPrincipal().equals(after.getPrincipal())) {
      return Optional.of("Changing framework's principal is not allowed.");
    }
    if (!before.getUser().equals(after.getUser())) {
      return unsupported("user", before.getUser(), after.getUser());
    }
    if (before.getCheckpoint() != after.getCheckpoint()) {
      return unsupported(
          "checkpoint",
          String.valueOf(before.getCheckpoint()),
          String.valueOf(after.getCheckpoint()));
    }
    return Optional.empty();
  }

  private static Optional<String> unsupported(String field, String before, String after) {
    return Optional.of(
        "Updating 'FrameworkInfo."
            + field
            + "' is unsupported; attempted to update from '"
            + before
            + "' to '"
            + after
            + "'");
  }

  static Optional<String> role(String role) {
    if (role.equals("*")) {
      return Optional.empty();
    }
    if (role.isEmpty()) {
      return Optional.of("Empty role name is invalid");
    }
    if (role.startsWith("/")) {
      return Optional.of("Role '" + role + "' cannot start with a slash");
    }
    if (role.endsWith("/")) {
      return Optional.of("Role '" + role + "' cannot end with a slash");
    }
    if (role.contains("//")) {
      return Optional.of("Role '" + role + "' cannot contain two adjacent slashes");
    }
    for (String component : role.split("/", -1)) {
      if (component.equals(".") || component.equals("..") || component.equals("*")) {
        return Optional.of("Role '" + role + "' cannot include '" + component + "' as a component");
      }
      if (component.startsWith("-")) {
        return Optional.of(
            "Role component '" + component + "' is invalid because it begins with a dash");
      }
      if (component.chars().anyMatch(c -> c == 8 || Character.isWhitespace(c))) {
        return Optional.of(
            "Role component '"
                + component
                + "' is invalid because it contains backspace or whitespace");
      }
    }
    return Optional.empty();
  }

  private static String set(Collection<String> items) {
    return "{ " + String.join(", ", items) + " }";
  }

  private static String shortest(double value) {
    return ProtoPrinter.general(value);
  }
}
