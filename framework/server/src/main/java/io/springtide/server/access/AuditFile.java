package io.springtide.server.access;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines in files of bounded size, of which the newest are kept: {@code audit.jsonl}, before it
 * {@code audit.1.jsonl}, and so on. For this process's user alone. A line is handed to the
 * operating system when it is appended; it is lost only if the machine fails within seconds.
 */
public final class AuditFile {
  private final Path directory;
  private final long mostBytes;
  private final int files;

  /**
   * @param directory made if it is not there
   * @param mostBytes of one file, about
   * @param files how many, 2 or more
   */
  public AuditFile(Path directory, long mostBytes, int files) throws IOException {
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.files = files;
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    endTornLine();
  }

  /** What a crash left half-written must not spoil the line after it. */
  private void endTornLine() throws IOException {
    if (!Files.exists(file(0))) {
      return;
    }
    try (RandomAccessFile in = new RandomAccessFile(file(0).toFile(), "rw")) {
      if (in.length() > 0) {
        in.seek(in.length() - 1);
        if (in.read() != '\n') {
          in.write('\n');
        }
      }
    }
  }

  private Path file(int age) {
    return directory.resolve(age == 0 ? "audit.jsonl" : "audit." + age + ".jsonl");
  }

  void append(String line) throws IOException {
    Path newest = file(0);
    if (Files.exists(newest) && Files.size(newest) >= mostBytes) {
      rotate();
    }
    Files.writeString(newest, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void rotate() throws IOException {
    for (int age = files - 1; age > 0; age--) {
      if (Files.exists(file(age - 1))) {
        Files.move(file(age - 1), file(age), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** The last lines, the last first; torn ones are passed over. */
  List<String> newest(int most) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int age = 0; age < files && lines.size() < most && Files.exists(file(age)); age++) {
      List<String> all = tail(file(age), most - lines.size());
      for (int i = all.size() - 1; i >= 0 && lines.size() < most; i--) {
        if (all.get(i).startsWith("{") && all.get(i).endsWith("}")) {
          lines.add(all.get(i));
        }
      }
    }
    return lines;
  }

  /** At least so many lines of its end, or all; no line is longer than 4 KiB. */
  private static List<String> tail(Path file, int lines) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long from = Math.max(0, in.length() - 4096L * (lines + 1));
      byte[] bytes = new byte[(int) (in.length() - from)];
      in.seek(from);
      in.readFully(bytes);
      List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return from == 0 || all.isEmpty() ? all : all.subList(1, all.size());
    }
  }
}
