package io.springtide.harness.emulator.resources;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/**
 * An immutable sum of resources. Two resources add up when all but their values is equal: name,
 * type, reservations, disk, allocation. The order is that of first appearance.
 */
public final class Bag {

  /** Nothing. */
  public static final Bag EMPTY = new Bag(Map.of());

  private final Map<Resource, Amount> amounts;

  private Bag(Map<Resource, Amount> amounts) {
    this.amounts = amounts;
  }

  /** The sum of {@code resources}. */
  public static Bag of(Collection<Resource> resources) {
    Map<Resource, Amount> amounts = new LinkedHashMap<>();
    for (Resource resource : resources) {
      amounts.merge(key(resource), amount(resource), Amount::plus);
    }
    return cleaned(amounts);
  }

  public Bag plus(Bag other) {
    Map<Resource, Amount> sum = new LinkedHashMap<>(amounts);
    other.amounts.forEach((key, amount) -> sum.merge(key, amount, Amount::plus));
    return cleaned(sum);
  }

  /** What is left; never below nothing. */
  public Bag minus(Bag other) {
    Map<Resource, Amount> left = new LinkedHashMap<>(amounts);
    other.amounts.forEach(
        (key, amount) -> left.computeIfPresent(key, (k, mine) -> mine.minus(amount)));
    return cleaned(left);
  }

  /** Whether {@code other} fits into this. */
  public boolean contains(Bag other) {
    return other.amounts.entrySet().stream()
        .allMatch(
            entry -> {
              Amount mine = amounts.get(entry.getKey());
              return mine != null && mine.contains(entry.getValue());
            });
  }

  public boolean isEmpty() {
    return amounts.isEmpty();
  }

  /** Whether nothing of it is reserved. */
  public boolean onlyUnreserved() {
    return amounts.keySet().stream().allMatch(key -> key.getReservationsCount() == 0);
  }

  /** Those that {@code which} accepts; it sees resources without values. */
  public Bag filter(Predicate<Resource> which) {
    Map<Resource, Amount> some = new LinkedHashMap<>();
    amounts.forEach(
        (key, amount) -> {
          if (which.test(key)) {
            some.put(key, amount);
          }
        });
    return new Bag(some);
  }

  /** Each resource changed in all but its value. */
  public Bag map(UnaryOperator<Resource> change) {
    Map<Resource, Amount> changed = new LinkedHashMap<>();
    amounts.forEach((key, amount) -> changed.merge(change.apply(key), amount, Amount::plus));
    return cleaned(changed);
  }

  /** The same resources, allocated to {@code role}. */
  public Bag allocatedTo(String role) {
    return map(
        resource -> {
          Resource.Builder builder = resource.toBuilder();
          builder.getAllocationInfoBuilder().setRole(role);
          return builder.build();
        });
  }

  /** The same resources, allocated to nobody. */
  public Bag unallocated() {
    return map(resource -> resource.toBuilder().clearAllocationInfo().build());
  }

  /** The sum of all scalars called {@code name}, in thousandths. */
  public long milli(String name) {
    return amounts.entrySet().stream()
        .filter(entry -> entry.getKey().getName().equals(name))
        .map(Map.Entry::getValue)
        .filter(Amount.Scalar.class::isInstance)
        .mapToLong(amount -> ((Amount.Scalar) amount).milli())
        .sum();
  }

  /**
   * Cut down so that no scalar named has more than it may.
   *
   * @param milli the most of each, in thousandths; what is not named is not cut
   */
  public Bag atMost(Map<String, Long> milli) {
    if (milli.isEmpty()) {
      return this;
    }
    Map<String, Long> room = new LinkedHashMap<>(milli);
    Map<Resource, Amount> cut = new LinkedHashMap<>();
    amounts.forEach(
        (key, amount) -> {
          Long left = room.get(key.getName());
          if (left == null || !(amount instanceof Amount.Scalar scalar)) {
            cut.put(key, amount);
          } else {
            long part = Math.min(left, scalar.milli());
            room.put(key.getName(), left - part);
            cut.put(key, new Amount.Scalar(part));
          }
        });
    return cleaned(cut);
  }

  /** The names of all scalars. */
  public List<String> scalarNames() {
    return amounts.entrySet().stream()
        .filter(entry -> entry.getValue() instanceof Amount.Scalar)
        .map(entry -> entry.getKey().getName())
        .distinct()
        .toList();
  }

  /** As messages. */
  public List<Resource> toList() {
    List<Resource> out = new ArrayList<>();
    amounts.forEach((key, amount) -> out.add(with(key, amount)));
    return out;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bag bag && contains(bag) && bag.contains(this);
  }

  @Override
  public int hashCode() {
    return amounts.keySet().hashCode();
  }

  /** As Mesos words it: {@code cpus(allocated: web):4; ports(allocated: web):[31000-32000]}. */
  @Override
  public String toString() {
    return ResourceText.format(toList());
  }

  private static Bag cleaned(Map<Resource, Amount> amounts) {
    amounts.values().removeIf(Amount::isEmpty);
    return new Bag(amounts);
  }

  private static Resource key(Resource resource) {
    return resource.toBuilder().clearScalar().clearRanges().clearSet().build();
  }

  private static Amount amount(Resource resource) {
    return switch (resource.getType()) {
      case RANGES -> Amount.Ranges.of(resource.getRanges());
      case SET -> new Amount.Names(new TreeSet<>(resource.getSet().getItemList()));
      default -> new Amount.Scalar(Math.round(resource.getScalar().getValue() * 1000));
    };
  }

  private static Resource with(Resource key, Amount amount) {
    Resource.Builder builder = key.toBuilder();
    if (amount instanceof Amount.Scalar scalar) {
      builder.getScalarBuilder().setValue(scalar.milli() / 1000.0);
    } else if (amount instanceof Amount.Ranges ranges) {
      Value.Ranges.Builder out = builder.getRangesBuilder();
      ranges.spans().forEach(span -> out.addRangeBuilder().setBegin(span[0]).setEnd(span[1]));
    } else if (amount instanceof Amount.Names names) {
      builder.getSetBuilder().addAllItem(names.items());
    }
    return builder.build();
  }
}
