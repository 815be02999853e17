package io.springtide.harness.bench.registry;

import io.springtide.harness.bench.registry.Command.Said;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.assertj.core.api.SoftAssertions;

/** Each client with an image of its own; what they do, they do all at once. */
final class Pulls {
  /** The threads end with what they run. */
  private static final Executor THREADS = work -> new Thread(work, "client").start();

  /** So often a client is told to pull again. */
  private static final int PULLS = 10;

  private record Pull(ImageClient client, LayeredImage image) {}

  private interface Step<T> {
    T run(Pull pull) throws IOException, InterruptedException;
  }

  private final List<Pull> all = new ArrayList<>();
  private List<CompletableFuture<Said>> running = List.of();

  private Pulls() {}

  /** Pushes an image for each client; {@code fault}: what makes their names differ. */
  static Pulls of(List<ImageClient> clients, Stage stage, String fault, String tag)
      throws IOException, InterruptedException {
    Pulls pulls = new Pulls();
    for (ImageClient client : clients) {
      String name = fault + "-" + client.name().toLowerCase(Locale.ROOT).replace(' ', '-');
      pulls.all.add(new Pull(client, stage.push(client.repository(name), tag)));
    }
    return pulls;
  }

  /** The same clients; each tag means another image now. */
  Pulls moved(Stage stage) throws IOException, InterruptedException {
    Pulls moved = new Pulls();
    for (Pull pull : all) {
      moved.all.add(new Pull(pull.client, stage.push(pull.image.repository(), pull.image.tag())));
    }
    return moved;
  }

  int count() {
    return all.size();
  }

  List<LayeredImage> images() {
    return all.stream().map(Pull::image).toList();
  }

  /** Bytes of all images' biggest layers together. */
  long bigLayers() {
    return all.stream().mapToLong(pull -> pull.image.bigLayerBytes()).sum();
  }

  /**
   * Has the proxy or peer at {@code port} bring all but the big layers, so that nobody asks for
   * them just while somebody is away.
   */
  void bringSmallBlobs(int port) throws IOException, InterruptedException {
    for (Pull pull : all) {
      for (String digest : pull.image.blobs()) {
        String path = "/v2/" + pull.image.repository() + "/blobs/" + digest;
        if (!path.equals(pull.image.bigLayerPath())) {
          Get.body(port, path + pull.client.query());
        }
      }
    }
  }

  void begin() {
    running = each(pull -> pull.client.pull(pull.image));
  }

  /** Waits for what was begun: nobody noticed anything, and every image is whole. */
  void assertWhole() {
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < all.size(); i++) {
      Said said = running.get(i).join();
      String name = all.get(i).client.name();
      softly.assertThat(said.worked()).as("%s: %s", name, said.text()).isTrue();
      softly.assertThat(said.text()).as(name).doesNotContain("Retrying"); // as dockerd says
    }
    softly.assertAll();
    assertImagesWhole();
  }

  /**
   * Waits for what was begun: who gives up at the first broken answer is told to pull again, and
   * then every image is whole.
   */
  void assertWholeAtLast() {
    List<Said> first = running.stream().map(CompletableFuture::join).toList();
    running = each(pull -> again(pull, first.get(all.indexOf(pull))));
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < all.size(); i++) {
      Said said = running.get(i).join();
      softly.assertThat(said.worked()).as("%s: %s", all.get(i).client.name(), said.text()).isTrue();
    }
    softly.assertAll();
    assertImagesWhole();
  }

  /**
   * More than once if need be: containerd holds on to wrong bytes until it has collected its
   * garbage.
   */
  private static Said again(Pull pull, Said first) throws IOException, InterruptedException {
    Said said = first;
    for (int i = 0; i < PULLS && !said.worked() && !pull.client.persistent(); i++) {
      said = pull.client.pull(pull.image);
    }
    return said;
  }

  void pullWhole() {
    begin();
    assertWhole();
  }

  void forget() {
    each(pull -> {
          pull.client.forget(pull.image);
          return null;
        })
        .forEach(CompletableFuture::join);
  }

  private void assertImagesWhole() {
    List<CompletableFuture<Void>> checks =
        each(
            pull -> {
              pull.client.assertWhole(pull.image);
              return null;
            });
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < all.size(); i++) {
      CompletableFuture<Void> check = checks.get(i);
      String name = all.get(i).client.name();
      softly
          .assertThatCode(check::join)
          .as("the image of %s is whole", name)
          .doesNotThrowAnyException();
    }
    softly.assertAll();
  }

  private <T> List<CompletableFuture<T>> each(Step<T> step) {
    return all.stream()
        .map(
            pull ->
                CompletableFuture.supplyAsync(
                    () -> {
                      try {
                        return step.run(pull);
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      } catch (InterruptedException e) {
                        throw new CompletionException(e);
                      }
                    },
                    THREADS))
        .toList();
  }
}
