package io.springtide.executor.runtime;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** An image on its way. */
final class DockerPull extends ResultCallback.Adapter<PullResponseItem> {
  private record Layer(long bytes, long of) {}

  private final String image;
  private final Map<String, Layer> layers = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private DockerPull(String image) {
    this.image = image;
  }

  static DockerPull start(DockerClient client, String image) {
    var pull = new DockerPull(image);
    client.pullImageCmd(withTag(image)).exec(pull);
    return pull;
  }

  /** Without a tag, an engine would pull all of them. */
  static String withTag(String image) {
    boolean tagged = image.indexOf(':', image.lastIndexOf('/') + 1) >= 0;
    return tagged || image.contains("@") ? image : image + ":latest";
  }

  CompletionStage<Void> done() {
    return done;
  }

  String progress() {
    long bytes = layers.values().stream().mapToLong(Layer::bytes).sum();
    long of = layers.values().stream().mapToLong(Layer::of).sum();
    return of == 0
        ? "pulling " + image
        : "pulling %s: %.1f of %.1f MB".formatted(image, bytes / 1e6, of / 1e6);
  }

  void cancel() {
    try {
      close();
    } catch (IOException e) {
      done.completeExceptionally(e);
    }
    done.completeExceptionally(new RuntimeFailure("pull of " + image + " given up"));
  }

  @Override
  public void onNext(PullResponseItem item) {
    if (item.isErrorIndicated()) {
      var detail = item.getErrorDetail();
      done.completeExceptionally(
          new RuntimeFailure(
              "cannot pull "
                  + image
                  + ": "
                  + (detail != null && detail.getMessage() != null
                      ? detail.getMessage()
                      : item.getStatus())));
    }
    var progress = item.getProgressDetail();
    if (item.getId() != null
        && "Downloading".equals(item.getStatus())
        && progress != null
        && progress.getCurrent() != null
        && progress.getTotal() != null) {
      layers.put(item.getId(), new Layer(progress.getCurrent(), progress.getTotal()));
    }
    if (item.getId() != null && "Download complete".equals(item.getStatus())) {
      layers.computeIfPresent(item.getId(), (id, layer) -> new Layer(layer.of(), layer.of()));
    }
  }

  @Override
  public void onError(Throwable error) {
    super.onError(error);
    done.completeExceptionally(
        new RuntimeFailure("cannot pull " + image + ": " + DockerEngine.message(error), error));
  }

  @Override
  public void onComplete() {
    super.onComplete();
    done.complete(null);
  }
}
