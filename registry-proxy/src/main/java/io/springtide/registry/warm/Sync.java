package io.springtide.registry.warm;

import io.springtide.registry.store.RepoName;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks upstream for what named tags mean now and brings what is new, for registries that send no
 * notifications.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class Sync {
  private static final Logger log = LoggerFactory.getLogger(Sync.class);

  private final List<String> images;
  private final Upstreams upstreams;
  private final Warmer warmer;

  public Sync(List<String> images, Upstreams upstreams, Warmer warmer) {
    this.images = images;
    this.upstreams = upstreams;
    this.warmer = warmer;
  }

  /** One round over all images; returns at once. */
  public void round() {
    for (String image : images) {
      int colon = image.lastIndexOf(':');
      Optional<Target> target =
          RepoName.parse(image.substring(0, colon))
              .flatMap(name -> upstreams.resolve(name, null, null));
      Optional<TagName> tag = TagName.parse(image.substring(colon + 1));
      if (target.isEmpty() || tag.isEmpty()) {
        log.warn("sync.images: {} means no upstream that is configured", image);
        continue;
      }
      warmer
          .warm(target.get(), tag.get())
          .whenComplete(
              (digest, error) -> {
                if (error != null) {
                  log.warn("{} did not come: {}", image, ContentFailure.from(error).getMessage());
                }
              });
    }
  }
}
