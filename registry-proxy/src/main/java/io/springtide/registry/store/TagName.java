package io.springtide.registry.store;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A tag, of the form in the OCI distribution specification: at most 128 characters, safe as a file
 * name.
 */
public record TagName(String name) {
  private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  public TagName {
    if (!FORM.matcher(name).matches()) {
      throw new IllegalArgumentException("not a tag: \"" + name + "\"");
    }
  }

  public static Optional<TagName> parse(String name) {
    return FORM.matcher(name).matches() ? Optional.of(new TagName(name)) : Optional.empty();
  }

  @Override
  public String toString() {
    return name;
  }
}
