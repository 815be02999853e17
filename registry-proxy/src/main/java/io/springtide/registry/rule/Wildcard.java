package io.springtide.registry.rule;

import java.util.regex.Pattern;

/** Text in which {@code *} stands for any run of characters. */
public final class Wildcard {
  private final String text;
  private final Pattern pattern;

  public Wildcard(String text) {
    this.text = text;
    StringBuilder regex = new StringBuilder();
    for (String part : text.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(part));
    }
    this.pattern = Pattern.compile(regex.toString());
  }

  public boolean matches(String candidate) {
    return pattern.matcher(candidate).matches();
  }

  @Override
  public String toString() {
    return text;
  }
}
