package io.springtide.registry.store;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A repository's name, of the form in the OCI distribution specification ("Pulling manifests"), at
 * most 255 characters. No component can be {@code ..} or start with {@code _}, so a checked name is
 * safe as a path.
 */
public record RepoName(String name) {
  private static final Pattern FORM =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");

  public RepoName {
    if (!valid(name)) {
      throw new IllegalArgumentException("not a repository name: \"" + name + "\"");
    }
  }

  public static Optional<RepoName> parse(String name) {
    return valid(name) ? Optional.of(new RepoName(name)) : Optional.empty();
  }

  private static boolean valid(String name) {
    return name.length() <= 255 && FORM.matcher(name).matches();
  }

  @Override
  public String toString() {
    return name;
  }
}
