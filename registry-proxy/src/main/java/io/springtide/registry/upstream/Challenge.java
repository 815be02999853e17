package io.springtide.registry.upstream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code WWW-Authenticate} challenge (RFC 9110, 11.6.1): scheme in lower case, and its
 * parameters.
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";

  /** An element of the list: a scheme, a parameter, or a scheme with its first parameter. */
  private static final Pattern ELEMENT =
      Pattern.compile(
          "[\\s,]*(?:(TOKEN)(?=\\s+TOKEN\\s*=|\\s*(?:,|$)))?"
              .replace("TOKEN", TOKEN)
              .concat(
                  "(?:\\s*(TOKEN)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+)))?"
                      .replace("TOKEN", TOKEN)));

  /** The challenges of one header, in their order; what makes no sense ends them. */
  static List<Challenge> parse(String header) {
    List<Challenge> all = new ArrayList<>();
    Map<String, String> parameters = null;
    Matcher element = ELEMENT.matcher(header);
    while (element.lookingAt() && element.end() > element.regionStart()) {
      if (element.group(1) != null) {
        parameters = new LinkedHashMap<>();
        all.add(new Challenge(element.group(1).toLowerCase(Locale.ROOT), parameters));
      }
      if (element.group(2) != null && parameters != null) {
        String quoted = element.group(3);
        parameters.put(
            element.group(2).toLowerCase(Locale.ROOT),
            quoted == null ? element.group(4) : quoted.replaceAll("\\\\(.)", "$1"));
      }
      element.region(element.end(), header.length());
    }
    return all;
  }
}
