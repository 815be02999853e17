package io.springtide.registry.upstream;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code WWW-Authenticate} challenge (RFC 9110, 11.6.1): scheme in lower case, and its
 * parameters.
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final Pattern SCHEME = Pattern.compile("\\s*([A-Za-z0-9_-]+)(\\s+(.*))?");
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");

  static Optional<Challenge> parse(String header) {
    Matcher matcher = SCHEME.matcher(header);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    if (matcher.group(3) != null) {
      Matcher each = PARAMETER.matcher(matcher.group(3));
      while (each.find()) {
        String value =
            each.group(2) != null ? each.group(2).replaceAll("\\\\(.)", "$1") : each.group(3);
        parameters.put(each.group(1).toLowerCase(Locale.ROOT), value);
      }
    }
    return Optional.of(
        new Challenge(matcher.group(1).toLowerCase(Locale.ROOT), Map.copyOf(parameters)));
  }
}
