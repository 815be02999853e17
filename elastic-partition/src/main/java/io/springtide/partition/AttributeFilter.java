package io.springtide.partition;

import java.util.Arrays;
import java.util.function.Predicate;

/** A compiled match or regular expression: one verdict per value, found out once. */
final class AttributeFilter {
  final int attribute;
  final boolean soft;
  final Reason reason;

  private final boolean negated;
  private final Predicate<String> matches;
  private byte[] verdicts = new byte[8];

  AttributeFilter(
      int attribute, boolean soft, boolean negated, Reason reason, Predicate<String> matches) {
    this.attribute = attribute;
    this.soft = soft;
    this.negated = negated;
    this.reason = reason;
    this.matches = matches;
  }

  AttributeFilter(AttributeFilter from) {
    this(from.attribute, from.soft, from.negated, from.reason, from.matches);
    verdicts = from.verdicts.clone();
  }

  /** A host that lacks the attribute matches nothing, so only a negated filter lets it through. */
  boolean allows(int h, HostTable table) {
    if (attribute == Attributes.HOST) {
      return matches.test(table.spec[h].id()) != negated;
    }
    int value = table.attributes.value(attribute, h);
    if (value < 0) {
      return negated;
    }
    if (value >= verdicts.length) {
      verdicts = Arrays.copyOf(verdicts, Math.max(value + 1, verdicts.length * 2));
    }
    if (verdicts[value] == 0) {
      boolean yes = matches.test(table.attributes.text(attribute, value)) != negated;
      verdicts[value] = (byte) (yes ? 1 : 2);
    }
    return verdicts[value] == 1;
  }
}
