package io.springtide.executor.runtime;

import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import io.springtide.executor.contract.Labels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A container that does nothing and ends: shows that this engine can create, start, watch and
 * remove one. It needs no registry: its image is empty, and its program is the host's own.
 */
final class DockerCanary {
  private static final int EMPTY_TAR = 1024; // two zero blocks
  private static final int SECONDS = 30;

  private DockerCanary() {}

  /**
   * Runs one.
   *
   * @throws RuntimeFailure when it did not run
   */
  static void run(DockerEngine engine, Owner owner) {
    // An image name of our own, as another host's executor may do the same on this engine now.
    String tag = Integer.toHexString(owner.hashCode()).toLowerCase(Locale.ROOT);
    String image = "springtide/canary:" + tag;
    String id = null;
    try {
      engine.importImage("springtide/canary", tag, new byte[EMPTY_TAR]);
      id = create(engine, owner, image);
      engine.calls().startContainerCmd(id).exec();
      int status =
          engine
              .streams()
              .waitContainerCmd(id)
              .exec(new WaitContainerResultCallback())
              .awaitStatusCode(SECONDS, TimeUnit.SECONDS);
      if (status != 0) {
        throw new RuntimeFailure("it exited with status " + status);
      }
    } catch (RuntimeException e) {
      throw new RuntimeFailure("a canary container did not run: " + DockerEngine.message(e), e);
    } finally {
      tidy(engine, image, id);
    }
  }

  private static String create(DockerEngine engine, Owner owner, String image) {
    var labels = new HashMap<>(owner.labels());
    labels.put(Labels.PART, "canary");
    List<Bind> system =
        Stream.of("/bin", "/lib", "/lib64", "/usr")
            .filter(directory -> Files.isDirectory(Path.of(directory)))
            .map(directory -> new Bind(directory, new Volume(directory), AccessMode.ro))
            .toList();
    return engine
        .calls()
        .createContainerCmd(image)
        .withEntrypoint("/bin/true")
        .withLabels(labels)
        // Of its own each time: one that was left behind must not be in the way of the next.
        .withName("tide.canary." + UUID.randomUUID().toString().substring(0, 8))
        .withHostConfig(new HostConfig().withNetworkMode("none").withBinds(system))
        .exec()
        .getId();
  }

  private static void tidy(DockerEngine engine, String image, String id) {
    try {
      if (id != null) {
        DockerContainer.remove(engine, id);
      }
      engine.calls().removeImageCmd(image).withForce(true).exec();
    } catch (RuntimeException leftToTheNextOne) {
      // The container is found by its labels, the image is overwritten by the next canary.
      return;
    }
  }
}
