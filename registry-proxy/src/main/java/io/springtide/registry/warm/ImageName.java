package io.springtide.registry.warm;

import io.springtide.registry.store.RepoName;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import java.util.Optional;
import java.util.regex.Pattern;

/** An image as people and job documents name it: {@code [host[:port]/]name[:tag]}. */
public record ImageName(Target target, TagName tag) {
  /** Docker's rule for telling a host from the first part of a name. */
  private static final Pattern HOST =
      Pattern.compile(
          "localhost|([A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:))(:[0-9]{1,5})?");

  /**
   * The image that {@code text} names; empty if it names none, or no upstream that is configured. A
   * host that is no upstream's is a name of this proxy: images are pulled by it.
   */
  public static Optional<ImageName> of(String text, Upstreams upstreams) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? "" : text.substring(0, slash);
    boolean hasHost = HOST.matcher(host).matches();
    String rest = hasHost ? text.substring(slash + 1) : text;
    int colon = rest.lastIndexOf(':');
    Optional<TagName> tag = TagName.parse(colon < 0 ? "latest" : rest.substring(colon + 1));
    String name = colon < 0 ? rest : rest.substring(0, colon);
    Optional<Target> target =
        hasHost
            ? upstreams
                .byPrefix(host + "/" + name)
                .or(
                    () ->
                        RepoName.parse(name)
                            .flatMap(parsed -> upstreams.resolve(parsed, null, host)))
            : RepoName.parse(name).flatMap(parsed -> upstreams.resolve(parsed, null, null));
    return target.flatMap(found -> tag.map(named -> new ImageName(found, named)));
  }
}
