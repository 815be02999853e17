package io.springtide.registry.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.warm.ImageName;
import io.springtide.registry.warm.WarmRuns;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /admin/notifications}: a registry tells what was pushed. */
@SuppressWarnings("FutureReturnValueIgnored") // What came of it is noted by the callback.
public record Pushes(Upstreams upstreams, Manifests manifests, WarmRuns warm) {
  private static final Logger log = LoggerFactory.getLogger(Pushes.class);

  /**
   * The envelope of the distribution project's notifications; answers at once, brings the images
   * afterwards.
   */
  void answer(ClientExchange client, JsonNode body) {
    int begun = 0;
    for (JsonNode event : body.path("events")) {
      JsonNode target = event.path("target");
      Optional<ImageName> image =
          ImageName.of(
              target.path("repository").asText("") + ":" + target.path("tag").asText(""),
              upstreams);
      if (event.path("action").asText().equals("push") && image.isPresent()) {
        begun++;
        bring(image.get());
      }
    }
    AdminAnswers.json(
        client,
        HttpResponseStatus.ACCEPTED,
        JsonNodeFactory.instance.objectNode().put("images", begun));
  }

  private void bring(ImageName image) {
    manifests.pushed(image.target().place(), image.tag());
    warm.startAnew(image.target(), image.tag())
        .whenComplete(
            (digest, error) -> {
              if (error != null) {
                log.warn(
                    "pushed {}:{} did not come: {}",
                    image.target().place(),
                    image.tag(),
                    ContentFailure.from(error).getMessage());
                manifests.forget(image.target().place(), image.tag());
              } else {
                log.info("pushed {}:{} is here: {}", image.target().place(), image.tag(), digest);
              }
            });
  }
}
