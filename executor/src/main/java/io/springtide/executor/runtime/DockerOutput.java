package io.springtide.executor.runtime;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what a container says into the sandbox, by the engine's log stream. The sandbox itself is
 * never mounted into a container: it is removed some time after its executor's death, and the
 * container may live longer.
 */
final class DockerOutput extends ResultCallback.Adapter<Frame> {
  private static final Logger log = LoggerFactory.getLogger(DockerOutput.class);

  private final OutputStream out;
  private final OutputStream err;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private DockerOutput(OutputStream out, OutputStream err) {
    this.out = out;
    this.err = err;
  }

  static DockerOutput follow(DockerClient client, String container, Path directory, String prefix)
      throws IOException {
    Files.createDirectories(directory);
    var output =
        new DockerOutput(open(directory, prefix + "stdout"), open(directory, prefix + "stderr"));
    client
        .logContainerCmd(container)
        .withStdOut(true)
        .withStdErr(true)
        .withFollowStream(true)
        .withTailAll()
        .exec(output);
    return output;
  }

  private static OutputStream open(Path directory, String name) throws IOException {
    return Files.newOutputStream(
        directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Completes when all has been copied. Never fails. */
  CompletionStage<Void> done() {
    return done;
  }

  @Override
  public void onNext(Frame frame) {
    try {
      (frame.getStreamType() == StreamType.STDERR ? err : out).write(frame.getPayload());
    } catch (IOException e) {
      onError(e); // a full disk must not stop the container
    }
  }

  @Override
  public void onError(Throwable error) {
    if (!done.isDone()) {
      String message = "output is no longer copied: " + DockerEngine.message(error);
      log.warn("{}", message);
      try {
        err.write((message + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException diskFull) {
        log.warn("{}", diskFull.toString());
      }
    }
    finish();
  }

  @Override
  public void onComplete() {
    finish();
  }

  private void finish() {
    if (done.complete(null)) {
      try (out;
          err) {
        super.onComplete();
      } catch (IOException e) {
        log.warn("output not closed: {}", e.toString());
      }
    }
  }
}
