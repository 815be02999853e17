package io.springtide.partition.model;

import java.util.regex.Pattern;

/**
 * The names that users choose. A name is {@code [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?}; paths of
 * groups and ids of jobs join names by dots, so they are safe in URLs, task ids and host names.
 */
public final class Names {
  /** What a name looks like. */
  public static final String NAME_FORM = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

  /** What one or more names joined by dots look like. */
  public static final String PATH_FORM = NAME_FORM + "([.]" + NAME_FORM + ")*";

  public static final int MAX_PATH = 200;

  private static final Pattern NAME = Pattern.compile(NAME_FORM);
  private static final int MAX_NAME = 63;

  private Names() {}

  /**
   * Returns {@code name} if it is a name.
   *
   * @throws InvalidModelException naming {@code field} otherwise
   */
  public static String requireName(String field, String name) {
    if (name == null || !NAME.matcher(name).matches()) {
      throw new InvalidModelException(
          field,
          name == null ? "it is missing" : why(name),
          "use 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit");
    }
    return name;
  }

  /**
   * Returns {@code path} if it is one or more names joined by dots, 200 characters at most.
   *
   * @throws InvalidModelException naming {@code field} otherwise
   */
  public static String requirePath(String field, String path) {
    if (path == null || path.length() > MAX_PATH) {
      throw new InvalidModelException(
          field,
          path == null
              ? "it is missing"
              : "'" + cut(path) + "' has " + path.length() + " characters",
          "join names by dots, 200 characters at most");
    }
    for (String part : path.split("\\.", -1)) {
      if (!NAME.matcher(part).matches()) {
        throw new InvalidModelException(
            field,
            "'" + path + "' is not a path of names: " + why(part),
            "join names by dots, such as weibo.feed: each 1 to 63 of a-z, 0-9 and '-', beginning"
                + " and ending with a letter or digit");
      }
    }
    return path;
  }

  private static String why(String name) {
    String shown = "'" + cut(name) + "'";
    if (name.isEmpty()) {
      return "a name is empty";
    }
    return name.length() > MAX_NAME
        ? shown + " has " + name.length() + " characters, and a name at most " + MAX_NAME
        : shown + " is not a name";
  }

  private static String cut(String text) {
    return text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME) + "…";
  }

  /** The path above {@code path}, or the empty string for a path of one name. */
  public static String parentOf(String path) {
    int dot = path.lastIndexOf('.');
    return dot < 0 ? "" : path.substring(0, dot);
  }
}
