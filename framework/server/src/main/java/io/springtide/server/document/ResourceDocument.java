package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Resources;
import java.math.BigDecimal;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** {@code {"cpus": 0.5, "memoryMiB": 512, "diskMiB": 0, "gpus": 0, "scalars": {…}}}. */
public final class ResourceDocument {
  private static final int CPU_DECIMALS = 3;
  private static final String SCALAR_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
  private static final Pattern SCALAR = Pattern.compile(SCALAR_FORM);

  /** What is absent is 0. */
  public static final Form FORM =
      fields(Form.of("Resources", "How much of each resource; what is absent is 0."));

  /** What is absent is unlimited. */
  public static final Form LIMIT =
      fields(Form.of("Limit", "The most of each resource; what is absent is unlimited."));

  private static Form fields(Form form) {
    return form.may(
            "cpus", Value.decimal(CPU_DECIMALS, Resources.MAX_AMOUNT), "Cores, in thousandths.")
        .may("memoryMiB", Value.amount(), "MiB of memory.")
        .may("diskMiB", Value.amount(), "MiB of disk.")
        .may("gpus", Value.amount(), "GPUs.")
        .may(
            "scalars",
            Value.map(Value.amount()).keys(SCALAR_FORM),
            "Resources of other names, such as crossLinkMbps.");
  }

  /** What resources with fields of their own are called, here and by Mesos. */
  private static final Map<String, String> OWN =
      Map.of(
          "cpus", "cpus",
          "memoryMiB", "memoryMiB",
          "mem", "memoryMiB",
          "diskMiB", "diskMiB",
          "disk", "diskMiB",
          "gpus", "gpus");

  private ResourceDocument() {}

  /** Reads a vector; what is absent is 0. */
  public static Resources read(JsonNode node) {
    return read(Fields.of(node, FORM));
  }

  static Resources read(Fields fields) {
    return new Resources(
        fields.decimal("cpus").orElse(0L),
        fields.amount("memoryMiB"),
        fields.amount("diskMiB"),
        fields.amount("gpus"),
        scalars(fields));
  }

  /** Reads a ceiling; what is absent is unlimited. */
  static Limit readLimit(Fields fields) {
    TreeMap<String, Long> dimensions = new TreeMap<>(scalars(fields));
    fields.decimal("cpus").ifPresent(milli -> dimensions.put("cpus", milli));
    for (String name : new String[] {"memoryMiB", "diskMiB", "gpus"}) {
      if (fields.has(name)) {
        dimensions.put(name, fields.amount(name));
      }
    }
    return new Limit(dimensions);
  }

  private static SortedMap<String, Long> scalars(Fields fields) {
    TreeMap<String, Long> scalars =
        new TreeMap<>(fields.map("scalars", value -> Fields.asAmount("", value)));
    for (String name : scalars.keySet()) {
      String own = OWN.get(name);
      if (own != null) {
        throw new InvalidModelException(
            "scalars." + name, name + " is no scalar", "write the field " + own + " instead");
      }
      if (!SCALAR.matcher(name).matches()) {
        throw new InvalidModelException(
            "scalars." + name,
            "'" + Fields.cut(name) + "' is not a name of a resource",
            "write at most 63 letters, digits, '-', '_' and '.'");
      }
    }
    return scalars;
  }

  /** Writes a vector; what is 0 is left out, but for cpus and memory. */
  public static ObjectNode write(Resources resources) {
    ObjectNode node = Documents.object();
    node.put("cpus", cores(resources.cpuMillis()));
    node.put("memoryMiB", resources.memoryMiB());
    if (resources.diskMiB() > 0) {
      node.put("diskMiB", resources.diskMiB());
    }
    if (resources.gpus() > 0) {
      node.put("gpus", resources.gpus());
    }
    if (!resources.scalars().isEmpty()) {
      ObjectNode scalars = node.putObject("scalars");
      resources.scalars().forEach(scalars::put);
    }
    return node;
  }

  static ObjectNode write(Limit limit) {
    ObjectNode node = Documents.object();
    ObjectNode scalars = Documents.object();
    for (Map.Entry<String, Long> e : limit.dimensions().entrySet()) {
      switch (e.getKey()) {
        case "cpus" -> node.put("cpus", cores(e.getValue()));
        case "memoryMiB", "diskMiB", "gpus" -> node.put(e.getKey(), e.getValue());
        default -> scalars.put(e.getKey(), e.getValue());
      }
    }
    if (!scalars.isEmpty()) {
      node.set("scalars", scalars);
    }
    return node;
  }

  /** Milli cores as cores. */
  public static BigDecimal cores(long milli) {
    return plain(BigDecimal.valueOf(milli, CPU_DECIMALS));
  }

  /** Millionths as money. */
  static BigDecimal money(long micros) {
    return plain(BigDecimal.valueOf(micros, 6));
  }

  private static BigDecimal plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }
}
