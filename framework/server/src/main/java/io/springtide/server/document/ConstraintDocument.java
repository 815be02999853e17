package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.InvalidModelException;
import java.util.HashSet;
import java.util.List;

/**
 * A constraint; the field that names its kind holds what it is about: {@code {maxPer: host, count:
 * 2}}, {@code {spread: rack, maxSkew: 1}}, {@code {match: disk, in: [ssd]}}, {@code {unmatch: …}},
 * {@code {like: cpu, regex: "xeon.*"}}, {@code {unlike: …}}, {@code {near: a.job, per: rack}},
 * {@code {apartFrom: a.job, per: host}}, {@code {exclusive: true}}; each with {@code soft}.
 */
final class ConstraintDocument {
  private static final List<String> KINDS =
      List.of(
          "maxPer",
          "spread",
          "match",
          "unmatch",
          "like",
          "unlike",
          "near",
          "apartFrom",
          "exclusive");
  private static final int MOST = 1_000_000;
  private static final int MAX_REGEX = 1000;

  private ConstraintDocument() {}

  static Constraint read(JsonNode node) {
    List<String> kinds = KINDS.stream().filter(node::has).toList();
    if (node.isObject() && kinds.isEmpty()) {
      for (var field : node.properties()) {
        Suggestion.of(field.getKey(), KINDS)
            .ifPresent(
                meant -> {
                  throw Fields.unknown(field.getKey(), new java.util.LinkedHashSet<>(KINDS));
                });
      }
    }
    if (node.isObject() && kinds.size() != 1) {
      throw new InvalidModelException(
          "",
          kinds.isEmpty() ? "it says no kind of constraint" : "it says " + kinds + " at once",
          "write exactly one of " + String.join(", ", KINDS));
    }
    String kind = kinds.isEmpty() ? "maxPer" : kinds.get(0);
    return switch (kind) {
      case "maxPer" -> {
        Fields fields = Fields.of(node, "maxPer", "count", "soft");
        yield new Constraint.MaxPer(
            attribute(fields, kind), fields.integer("count", 1, 1, MOST), soft(fields));
      }
      case "spread" -> {
        Fields fields = Fields.of(node, "spread", "maxSkew", "soft");
        yield new Constraint.Spread(
            attribute(fields, kind), fields.integer("maxSkew", 1, 1, MOST), soft(fields));
      }
      case "match", "unmatch" -> {
        Fields fields = Fields.of(node, kind, "in", "soft");
        yield new Constraint.Match(
            attribute(fields, kind),
            new HashSet<>(fields.texts("in")),
            kind.equals("unmatch"),
            soft(fields));
      }
      case "like", "unlike" -> {
        Fields fields = Fields.of(node, kind, "regex", "soft");
        yield new Constraint.Like(
            attribute(fields, kind), regex(fields), kind.equals("unlike"), soft(fields));
      }
      case "near", "apartFrom" -> {
        Fields fields = Fields.of(node, kind, "per", "soft");
        yield new Constraint.Near(
            fields.requireText(kind, "name a job"),
            fields.text("per", Constraint.HOST),
            kind.equals("apartFrom"),
            soft(fields));
      }
      default -> {
        Fields fields = Fields.of(node, "exclusive", "soft");
        if (!fields.bool("exclusive", true)) {
          throw new InvalidModelException(
              "exclusive", "false says nothing", "write true, or leave the constraint out");
        }
        yield new Constraint.Exclusive(soft(fields));
      }
    };
  }

  private static String attribute(Fields fields, String kind) {
    return fields.requireText(kind, "name an attribute, such as host or rack");
  }

  /** Working on a longer one would hold everybody up. */
  private static String regex(Fields fields) {
    String regex = fields.requireText("regex", "write a regular expression for the whole value");
    if (regex.length() > MAX_REGEX) {
      throw new InvalidModelException(
          "regex",
          "it has " + regex.length() + " characters",
          "write at most " + MAX_REGEX + ", or match values");
    }
    return regex;
  }

  private static boolean soft(Fields fields) {
    return fields.bool("soft", false);
  }

  static ObjectNode write(Constraint constraint) {
    ObjectNode node = constraint.accept(new Written());
    if (constraint.soft()) {
      node.put("soft", true);
    }
    return node;
  }

  private static final class Written implements Constraint.Visitor<ObjectNode> {
    @Override
    public ObjectNode on(Constraint.MaxPer c) {
      return Documents.object().put("maxPer", c.attribute()).put("count", c.count());
    }

    @Override
    public ObjectNode on(Constraint.Spread c) {
      return Documents.object().put("spread", c.attribute()).put("maxSkew", c.maxSkew());
    }

    @Override
    public ObjectNode on(Constraint.Match c) {
      ObjectNode node = Documents.object().put(c.negated() ? "unmatch" : "match", c.attribute());
      Texts.put(node, "in", c.values());
      return node;
    }

    @Override
    public ObjectNode on(Constraint.Like c) {
      return Documents.object()
          .put(c.negated() ? "unlike" : "like", c.attribute())
          .put("regex", c.regex());
    }

    @Override
    public ObjectNode on(Constraint.Exclusive c) {
      return Documents.object().put("exclusive", true);
    }

    @Override
    public ObjectNode on(Constraint.Near c) {
      return Documents.object()
          .put(c.negated() ? "apartFrom" : "near", c.job())
          .put("per", c.attribute());
    }

    @Override
    public ObjectNode on(Constraint.NearLabel c) {
      throw new IllegalArgumentException("the API lets no constraint in that names a label");
    }
  }
}
