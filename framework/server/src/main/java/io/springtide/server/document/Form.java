package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What may stand in one kind of object, said once: {@link Fields} reads by it, {@code ?fields=} is
 * checked by it, and the API's description shows it. Immutable.
 */
public final class Form {
  /**
   * A field.
   *
   * @param says what it is, for a person
   * @param fix what to write if it is missing; empty: it may be
   * @param name whether it is the object's own name, which the path of a request may say instead
   * @param usual what holds if it is left out, as JSON has it; null: nothing, or what {@code says}
   *     says
   * @param passedOver whether it is of answers, and is passed over in what is sent back
   */
  record Field(
      Value value, String says, String fix, boolean name, Object usual, boolean passedOver) {}

  private final String name;
  private final String says;
  private final Map<String, Field> fields;
  private final List<List<String>> choices;
  private final Value others;

  private Form(
      String name,
      String says,
      Map<String, Field> fields,
      List<List<String>> choices,
      Value others) {
    this.name = name;
    this.says = says;
    this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    this.choices = List.copyOf(choices);
    this.others = others;
  }

  /**
   * One without fields yet.
   *
   * @param name of the component of the API's description
   */
  public static Form of(String name, String says) {
    return new Form(name, says, Map.of(), List.of(), null);
  }

  /** And some fields of another, which may be left out. */
  public Form some(Form of, List<String> names) {
    Form form = this;
    for (String field : names) {
      form = form.may(field, of.field(field).value(), of.field(field).says());
    }
    return form;
  }

  /** With the fields of an answer to what was written so. */
  public static Form shown(String name, String says, Form written) {
    Map<String, Field> kept = new LinkedHashMap<>(written.fields);
    kept.values().removeIf(Field::passedOver);
    return new Form(name, says, kept, List.of(), written.others);
  }

  private Form with(String field, Field what) {
    Map<String, Field> more = new LinkedHashMap<>(fields);
    if (more.put(field, what) != null) {
      throw new IllegalArgumentException(name + " has two fields " + field);
    }
    return new Form(name, says, more, choices, others);
  }

  /** And a field that may be left out. */
  public Form may(String field, Value value, String what) {
    return with(field, new Field(value, what, "", false, null, false));
  }

  /**
   * And a field that may be left out.
   *
   * @param usual what it is then: a text, a number, a boolean
   */
  public Form may(String field, Value value, Object usual, String what) {
    return with(field, new Field(value, what, "", false, usual, false));
  }

  /**
   * And a field that must be there.
   *
   * @param fix what to write if it is missing
   */
  public Form must(String field, Value value, String what, String fix) {
    return with(field, new Field(value, what, fix, false, null, false));
  }

  /** And a field that answers always have. */
  public Form has(String field, Value value, String what) {
    return must(field, value, what, "it is what this server wrote");
  }

  /** And the object's own name, which is in the path of a request, too. */
  public Form name(String field, Value value, String what, String fix) {
    return with(field, new Field(value, what, fix, true, null, false));
  }

  /** And a field of answers, which may stand in what is sent back. */
  public Form passesOver(String... fieldsOfAnswers) {
    Form form = this;
    for (String field : fieldsOfAnswers) {
      form =
          form.with(
              field,
              new Field(
                  Value.any(), "Of answers; passed over in requests.", "", false, null, true));
    }
    return form;
  }

  /** And exactly one of these fields must be there. */
  public Form exactlyOne(String... of) {
    List<List<String>> more = new ArrayList<>(choices);
    more.add(List.of(of));
    return new Form(name, says, fields, more, others);
  }

  /** And any other fields. */
  public Form others(Value value) {
    return new Form(name, says, fields, choices, value);
  }

  public String name() {
    return name;
  }

  /** Its fields' names, in the order in which they were said. */
  Set<String> known() {
    return fields.keySet();
  }

  boolean isOpen() {
    return others != null;
  }

  Field field(String field) {
    Field found = fields.get(field);
    if (found == null) {
      throw new IllegalArgumentException(name + " has no field " + field);
    }
    return found;
  }

  /** The fields that are the object's own name. */
  List<String> names() {
    return fields.entrySet().stream()
        .filter(field -> field.getValue().name())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Checks that such an object can have a field.
   *
   * @param path names with dots between; below keys of the writer's own anything may be
   * @throws InvalidModelException naming it, and the one that was probably meant
   */
  public void require(String path) {
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    if (!fields.containsKey(first)) {
      if (others != null) {
        return;
      }
      throw Fields.unknown(first, fields.keySet());
    }
    Value value = fields.get(first).value();
    while (value.kind == Value.Kind.LIST) {
      value = value.item;
    }
    if (dot >= 0 && value.kind == Value.Kind.OBJECT && value.forms.size() == 1) {
      try {
        value.forms.get(0).require(path.substring(dot + 1));
      } catch (InvalidModelException e) {
        throw e.within(first);
      }
    }
  }

  /**
   * Its JSON schema.
   *
   * @param met is told of each form that it refers to
   */
  public ObjectNode schema(Consumer<Form> met) {
    ObjectNode schema = Documents.object().put("type", "object").put("description", says);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = Documents.mapper().createArrayNode();
    fields.forEach(
        (field, what) -> {
          ObjectNode property = what.value().schema(met).put("description", what.says());
          if (what.usual() != null) {
            property.set("default", Documents.mapper().valueToTree(what.usual()));
          }
          if (what.passedOver()) {
            property.put("readOnly", true);
          }
          properties.set(field, property);
          if (!what.fix().isEmpty() && !what.name()) {
            required.add(field);
          }
        });
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    for (List<String> choice : choices) {
      ArrayNode each = schema.putArray("oneOf");
      choice.forEach(one -> each.addObject().putArray("required").add(one));
    }
    if (others == null) {
      schema.put("additionalProperties", false);
    } else {
      schema.set("additionalProperties", others.schema(met));
    }
    return schema;
  }
}
