package io.springtide.executor.runtime;

import io.springtide.executor.Needs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** An image made of this machine's static busybox, for as long as a test needs it. */
final class BusyboxImage implements AutoCloseable {
  private static final String REPOSITORY = "springtide-test/busybox";

  private final DockerEngine engine;
  private final String name;

  private BusyboxImage(DockerEngine engine, String name) {
    this.engine = engine;
    this.name = name;
  }

  static BusyboxImage load(DockerEngine engine) {
    String tag = UUID.randomUUID().toString().substring(0, 8);
    engine.importImage(REPOSITORY, tag, archive());
    return new BusyboxImage(engine, REPOSITORY + ":" + tag);
  }

  String name() {
    return name;
  }

  private static byte[] archive() {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      byte[] busybox = Files.readAllBytes(Needs.BUSYBOX);
      var entry = new TarArchiveEntry("bin/busybox");
      entry.setMode(0755);
      entry.setSize(busybox.length);
      tar.putArchiveEntry(entry);
      tar.write(busybox);
      tar.closeArchiveEntry();
      for (String applet : List.of("sh", "sleep", "echo", "true", "cat", "httpd", "mkdir", "env")) {
        var link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
        link.setLinkName("busybox");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    engine.calls().removeImageCmd(name).withForce(true).exec();
  }
}
