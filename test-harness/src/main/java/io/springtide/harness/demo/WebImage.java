package io.springtide.harness.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The smallest image that serves HTTP: the host's static busybox and nothing else, so that no
 * registry is needed.
 */
public final class WebImage {
  private static final List<Path> PLACES =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));
  private static final List<String> APPLETS = List.of("sh", "httpd", "mkdir", "sleep", "cat");
  private static final int EXECUTABLE = 0100755;

  private WebImage() {}

  /** A command that serves {@code /} on the container's port 8080 with busybox's own server. */
  public static List<String> command() {
    return List.of(
        "sh",
        "-c",
        "mkdir -p /tmp/www && echo hello from $SPRINGTIDE_INSTANCE > /tmp/www/index.html"
            + " && exec httpd -f -p 8080 -h /tmp/www");
  }

  /** The root file system as a tar; empty where the host has no static busybox. */
  public static Optional<byte[]> rootFilesystem() throws IOException {
    for (Path busybox : PLACES) {
      if (Files.isExecutable(busybox) && isStatic(Files.readAllBytes(busybox))) {
        return Optional.of(tar(Files.readAllBytes(busybox)));
      }
    }
    return Optional.empty();
  }

  private static byte[] tar(byte[] busybox) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String directory : List.of("bin/", "tmp/")) {
        tar.putArchiveEntry(new TarArchiveEntry(directory));
        tar.closeArchiveEntry();
      }
      TarArchiveEntry program = new TarArchiveEntry("bin/busybox");
      program.setMode(EXECUTABLE);
      program.setSize(busybox.length);
      tar.putArchiveEntry(program);
      tar.write(busybox);
      tar.closeArchiveEntry();
      for (String applet : APPLETS) {
        TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
        link.setLinkName("busybox");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  /** An ELF file without a program header that names an interpreter needs no libraries. */
  private static boolean isStatic(byte[] elf) {
    if (elf.length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[4] != 2) {
      return false;
    }
    long offset = little(elf, 32, 8);
    int size = (int) little(elf, 54, 2);
    int count = (int) little(elf, 56, 2);
    for (int i = 0; i < count; i++) {
      int at = (int) offset + i * size;
      if (at + 4 > elf.length || little(elf, at, 4) == 3) { // PT_INTERP
        return false;
      }
    }
    return count > 0;
  }

  private static long little(byte[] bytes, int at, int length) {
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }
}
