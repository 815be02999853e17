package io.springtide.harness.emulator.master;

import java.util.regex.Pattern;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.scheduler.Protos.AttributeConstraint;
import org.apache.mesos.v1.scheduler.Protos.OfferConstraints;

/** Offer constraints of a framework: which agents it wants to be offered at all. */
final class OfferFilter {

  private OfferFilter() {}

  /** Whether {@code agent} may be offered to {@code role}. */
  static boolean admits(OfferConstraints constraints, String role, Agent agent) {
    OfferConstraints.RoleConstraints groups = constraints.getRoleConstraintsOrDefault(role, null);
    return groups == null
        || groups.getGroupsList().stream()
            .anyMatch(
                group ->
                    group.getAttributeConstraintsList().stream()
                        .allMatch(constraint -> holds(constraint, agent)));
  }

  /** The regular expression of a constraint, empty where it has none. */
  static String pattern(AttributeConstraint constraint) {
    AttributeConstraint.Predicate predicate = constraint.getPredicate();
    return predicate.hasTextMatches()
        ? predicate.getTextMatches().getRegex()
        : predicate.getTextNotMatches().getRegex();
  }

  private static boolean holds(AttributeConstraint constraint, Agent agent) {
    AttributeConstraint.Predicate predicate = constraint.getPredicate();
    String value = text(constraint.getSelector(), agent);
    if (predicate.hasExists()) {
      return value != null;
    }
    if (predicate.hasNotExists()) {
      return value == null;
    }
    if (predicate.hasTextEquals()) {
      return predicate.getTextEquals().getValue().equals(value);
    }
    if (predicate.hasTextNotEquals()) {
      return !predicate.getTextNotEquals().getValue().equals(value);
    }
    boolean matches = value != null && Pattern.matches(pattern(constraint), value);
    return predicate.hasTextNotMatches() ? !matches : matches;
  }

  private static String text(AttributeConstraint.Selector selector, Agent agent) {
    if (selector.hasPseudoattributeType()) {
      return switch (selector.getPseudoattributeType()) {
        case HOSTNAME -> agent.info.getHostname();
        case REGION -> agent.info.getDomain().getFaultDomain().getRegion().getName();
        case ZONE -> agent.info.getDomain().getFaultDomain().getZone().getName();
        default -> null;
      };
    }
    for (Attribute attribute : agent.info.getAttributesList()) {
      if (attribute.getName().equals(selector.getAttributeName())) {
        return attribute.hasText()
            ? attribute.getText().getValue()
            : String.valueOf(attribute.getScalar().getValue());
      }
    }
    return null;
  }
}
