package io.springtide.partition.books;

import io.springtide.partition.answer.Reason;
import java.util.Arrays;
import java.util.function.Predicate;

/** A compiled match or regular expression: one verdict per value, found out once. */
public final class AttributeFilter {
  final int attribute;
  public final boolean soft;
  public final Reason reason;

  private final boolean negated;
  private final Predicate<String> matches;
  private byte[] verdicts = new byte[8];

  /** Of a rule over the host itself, by row: whom the verdict is about. */
  private String[] judged = new String[8];

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
    judged = from.judged.clone();
  }

  /** A host that lacks the attribute matches nothing, so only a negated filter lets it through. */
  public boolean allows(int h, HostTable table) {
    if (attribute == Attributes.HOST) {
      return allowsHost(h, table.spec[h].id());
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

  /** Rows are used again for other hosts, so a verdict goes by the id that it was found for. */
  private boolean allowsHost(int h, String id) {
    if (h >= judged.length) {
      judged = Arrays.copyOf(judged, Math.max(h + 1, judged.length * 2));
      verdicts = Arrays.copyOf(verdicts, judged.length);
    }
    if (!id.equals(judged[h])) {
      judged[h] = id;
      verdicts[h] = (byte) (matches.test(id) != negated ? 1 : 2);
    }
    return verdicts[h] == 1;
  }
}
