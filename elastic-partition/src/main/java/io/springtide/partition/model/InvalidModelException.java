package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

/**
 * A document of the model that cannot be: refused at the door, before anything of it is applied.
 *
 * <p>It says what a person needs to mend it: {@link #field} is the path inside the document ({@code
 * quotas.idc.limit.cpus}), the message what is wrong with its value, {@link #fix} what to write
 * instead.
 */
public final class InvalidModelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String fix;

  public InvalidModelException(String field, String problem, String fix) {
    super(requireNonNull(problem));
    this.field = requireNonNull(field);
    this.fix = requireNonNull(fix);
  }

  /** The path of the offending field inside the document, dots between levels. */
  public String field() {
    return field;
  }

  /** What to write instead. */
  public String fix() {
    return fix;
  }

  /** The same complaint, seen from the document that holds this one: {@code prefix.field}. */
  public InvalidModelException within(String prefix) {
    String path = field.isEmpty() ? prefix : prefix + "." + field;
    return new InvalidModelException(path, getMessage(), fix);
  }
}
