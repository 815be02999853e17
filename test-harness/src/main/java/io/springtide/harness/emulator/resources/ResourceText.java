package io.springtide.harness.emulator.resources;

import io.springtide.harness.emulator.json.ProtoPrinter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/** Resources in Mesos' text form, both ways. */
public final class ResourceText {

  private static final Pattern ITEM = Pattern.compile("([A-Za-z0-9_.-]+)(?:\\(([^)]*)\\))?:(.+)");
  private static final Pattern RANGE = Pattern.compile("\\s*([0-9]+)\\s*-\\s*([0-9]+)\\s*");

  private ResourceText() {}

  /**
   * Reads {@code cpus:4;mem(web):4096;ports:[31000-32000];zone:{a,b}}; a role in parentheses is a
   * static reservation.
   *
   * @throws IllegalArgumentException naming the item that does not parse
   */
  public static List<Resource> parse(String text) {
    List<Resource> out = new ArrayList<>();
    for (String part : text.split(";", -1)) {
      String item = part.trim();
      if (item.isEmpty()) {
        continue;
      }
      Matcher matcher = ITEM.matcher(item);
      if (!matcher.matches()) {
        throw bad(item);
      }
      Resource.Builder builder = Resource.newBuilder().setName(matcher.group(1));
      String role = matcher.group(2);
      if (role != null && !role.isBlank() && !role.trim().equals("*")) {
        builder
            .addReservationsBuilder()
            .setType(Resource.ReservationInfo.Type.STATIC)
            .setRole(role.trim());
      }
      value(matcher.group(3).trim(), item, builder);
      out.add(builder.build());
    }
    return out;
  }

  private static void value(String text, String item, Resource.Builder builder) {
    if (text.startsWith("[") && text.endsWith("]")) {
      builder.setType(Value.Type.RANGES);
      Value.Ranges.Builder ranges = builder.getRangesBuilder();
      for (String range : text.substring(1, text.length() - 1).split(",", -1)) {
        Matcher matcher = RANGE.matcher(range);
        if (!matcher.matches()) {
          throw bad(item);
        }
        ranges
            .addRangeBuilder()
            .setBegin(Long.parseLong(matcher.group(1)))
            .setEnd(Long.parseLong(matcher.group(2)));
      }
    } else if (text.startsWith("{") && text.endsWith("}")) {
      builder.setType(Value.Type.SET);
      for (String name : text.substring(1, text.length() - 1).split(",", -1)) {
        builder.getSetBuilder().addItem(name.trim());
      }
    } else {
      builder.setType(Value.Type.SCALAR);
      try {
        builder.getScalarBuilder().setValue(Double.parseDouble(text));
      } catch (NumberFormatException e) {
        throw bad(item);
      }
    }
  }

  private static IllegalArgumentException bad(String item) {
    return new IllegalArgumentException(
        "resource '" + item + "': expected like cpus:4, ports:[31000-31099], or disk(role):100");
  }

  /** Joined by "; ". */
  public static String format(List<Resource> resources) {
    return resources.stream().map(ResourceText::format).collect(Collectors.joining("; "));
  }

  /** One resource, as Mesos words it in its errors. */
  public static String format(Resource resource) {
    StringBuilder out = new StringBuilder(resource.getName());
    List<String> facts = new ArrayList<>();
    if (resource.hasAllocationInfo()) {
      facts.add("allocated: " + resource.getAllocationInfo().getRole());
    }
    if (resource.getReservationsCount() > 0) {
      facts.add(
          "reservations: ["
              + resource.getReservationsList().stream()
                  .map(ResourceText::reservation)
                  .collect(Collectors.joining(","))
              + "]");
    }
    facts.forEach(fact -> out.append('(').append(fact).append(')'));
    return out.append(':').append(value(resource)).toString();
  }

  private static String reservation(Resource.ReservationInfo reservation) {
    StringBuilder out =
        new StringBuilder("(")
            .append(reservation.getType())
            .append(",")
            .append(reservation.getRole());
    if (reservation.hasPrincipal()) {
      out.append(",").append(reservation.getPrincipal());
    }
    if (reservation.getLabels().getLabelsCount() > 0) {
      out.append(
          reservation.getLabels().getLabelsList().stream()
              .map(l -> l.hasValue() ? l.getKey() + ": " + l.getValue() : l.getKey())
              .collect(Collectors.joining(", ", ",{", "}")));
    }
    return out.append(")").toString();
  }

  private static String value(Resource resource) {
    return switch (resource.getType()) {
      case RANGES ->
          resource.getRanges().getRangeList().stream()
              .map(range -> range.getBegin() + "-" + range.getEnd())
              .collect(Collectors.joining(", ", "[", "]"));
      case SET ->
          resource.getSet().getItemList().stream().collect(Collectors.joining(", ", "{", "}"));
      default -> ProtoPrinter.general(resource.getScalar().getValue());
    };
  }
}
