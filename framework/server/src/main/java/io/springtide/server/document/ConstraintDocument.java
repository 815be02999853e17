package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.InvalidModelException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A constraint; the field that names its kind holds what it is about: {@code {maxPer: host, count:
 * 2}}, {@code {spread: rack, maxSkew: 1}}, {@code {match: disk, in: [ssd]}}, {@code {unmatch: …}},
 * {@code {like: cpu, regex: "xeon.*"}}, {@code {unlike: …}}, {@code {near: a.job, per: rack}},
 * {@code {apartFrom: a.job, per: host}}, {@code {exclusive: true}}; each with {@code soft}.
 */
final class ConstraintDocument {
  private static final int MOST = 1_000_000;
  private static final int MAX_REGEX = 1000;

  private static final Value ATTRIBUTE = Value.text().atLeast(1);
  private static final String ATTRIBUTE_SAYS = "An attribute of hosts; host is a host itself.";
  private static final String ATTRIBUTE_FIX = "name an attribute, such as host or rack";
  private static final Value VALUES = Value.list(Value.text()).atLeast(1);
  private static final Value REGEX = Value.text().atMost(MAX_REGEX);
  private static final String REGEX_FIX = "write a regular expression for the whole value";
  private static final Value JOB = Value.text().atLeast(1);

  /** By the field that names its kind. */
  private static final Map<String, Form> FORMS = new LinkedHashMap<>();

  static {
    add(
        "maxPer",
        Form.of("MaxPer", "No more than so many of the job's instances where it has one value.")
            .must("maxPer", ATTRIBUTE, ATTRIBUTE_SAYS, ATTRIBUTE_FIX)
            .may("count", Value.whole(1, MOST), 1, "How many."));
    add(
        "spread",
        Form.of("Spread", "Evenly over its values.")
            .must("spread", ATTRIBUTE, ATTRIBUTE_SAYS, ATTRIBUTE_FIX)
            .may("maxSkew", Value.whole(1, MOST), 1, "How many more in one place."));
    for (String kind : List.of("match", "unmatch")) {
      add(
          kind,
          Form.of(kind.equals("match") ? "Match" : "Unmatch", "By the attribute's value.")
              .must(kind, ATTRIBUTE, ATTRIBUTE_SAYS, ATTRIBUTE_FIX)
              .must("in", VALUES, "The values.", "write at least one value"));
    }
    for (String kind : List.of("like", "unlike")) {
      add(
          kind,
          Form.of(kind.equals("like") ? "Like" : "Unlike", "By the attribute's whole value.")
              .must(kind, ATTRIBUTE, ATTRIBUTE_SAYS, ATTRIBUTE_FIX)
              .must("regex", REGEX, "A regular expression of Java's.", REGEX_FIX));
    }
    for (String kind : List.of("near", "apartFrom")) {
      add(
          kind,
          Form.of(kind.equals("near") ? "Near" : "ApartFrom", "By where another job runs.")
              .must(kind, JOB, "The other job's id.", "name a job")
              .may("per", ATTRIBUTE, Constraint.HOST, "By which attribute."));
    }
    add(
        "exclusive",
        Form.of("Exclusive", "Nobody else on its hosts.")
            .must("exclusive", Value.bool().only(true), "True.", "write true"));
  }

  /** Any of them. */
  static final Value VALUE = Value.oneOf(FORMS.values().toArray(Form[]::new));

  private ConstraintDocument() {}

  private static void add(String kind, Form form) {
    FORMS.put(kind, form.may("soft", Value.bool(), false, "Whether it is a wish only."));
  }

  static Constraint read(JsonNode node) {
    List<String> kinds = FORMS.keySet().stream().filter(node::has).toList();
    if (node.isObject() && kinds.isEmpty()) {
      for (var field : node.properties()) {
        Suggestion.of(field.getKey(), FORMS.keySet())
            .ifPresent(
                meant -> {
                  throw Fields.unknown(field.getKey(), FORMS.keySet());
                });
      }
    }
    if (node.isObject() && kinds.size() != 1) {
      throw new InvalidModelException(
          "",
          kinds.isEmpty() ? "it says no kind of constraint" : "it says " + kinds + " at once",
          "write exactly one of " + String.join(", ", FORMS.keySet()));
    }
    String kind = kinds.isEmpty() ? "maxPer" : kinds.get(0);
    Fields fields = Fields.of(node, FORMS.get(kind));
    boolean soft = fields.bool("soft");
    return switch (kind) {
      case "maxPer" ->
          new Constraint.MaxPer(fields.requireText(kind), fields.integer("count"), soft);
      case "spread" ->
          new Constraint.Spread(fields.requireText(kind), fields.integer("maxSkew"), soft);
      case "match", "unmatch" ->
          new Constraint.Match(
              fields.requireText(kind),
              new HashSet<>(fields.texts("in")),
              kind.equals("unmatch"),
              soft);
      case "like", "unlike" ->
          new Constraint.Like(fields.requireText(kind), regex(fields), kind.equals("unlike"), soft);
      case "near", "apartFrom" ->
          new Constraint.Near(
              fields.requireText(kind), fields.requireText("per"), kind.equals("apartFrom"), soft);
      default -> {
        if (!fields.bool("exclusive", true)) {
          throw new InvalidModelException(
              "exclusive", "false says nothing", "write true, or leave the constraint out");
        }
        yield new Constraint.Exclusive(soft);
      }
    };
  }

  /** Working on a longer one would hold everybody up. */
  private static String regex(Fields fields) {
    String regex = fields.requireText("regex");
    if (regex.length() > MAX_REGEX) {
      throw new InvalidModelException(
          "regex",
          "it has " + regex.length() + " characters",
          "write at most " + MAX_REGEX + ", or match values");
    }
    return regex;
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
