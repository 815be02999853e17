package io.springtide.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Documents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lines in files of bounded size and age, of which the newest are kept: {@code audit.jsonl}, before
 * it {@code audit.1.jsonl}, and so on; and in {@code state} the name of the state that they are
 * about. For this process's user alone. A line is handed to the operating system when it is
 * appended; it is lost only if the machine fails within seconds.
 */
public final class AuditFile {
  /** What is older is shown no more, and goes with the file that it is in. */
  static final Duration KEPT = Duration.ofDays(90);

  /** Lines that are looked at first for the newest that a commit carried. */
  private static final int LOOKED_AT = 1000;

  private final Path directory;
  private final long mostBytes;
  private final int files;

  /** Of the first line of the newest file, once it is known. */
  private Optional<Instant> begun = Optional.empty();

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

  /** Appends lines, all that the operating system takes; at least those before a failure. */
  void append(List<String> lines, Instant now) throws IOException {
    Path newest = file(0);
    if (Files.exists(newest) && (Files.size(newest) >= mostBytes || isOld(now))) {
      rotate(now);
    }
    if (begun.isEmpty() && !Files.exists(newest)) {
      begun = Optional.of(now);
    }
    Files.writeString(
        newest,
        String.join("\n", lines) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Each file holds its share of the time, so that all but one together hold all of it. */
  private boolean isOld(Instant now) throws IOException {
    if (begun.isEmpty()) {
      try (BufferedReader first = Files.newBufferedReader(file(0))) {
        begun = Optional.of(at(first.readLine()).orElse(now));
      }
    }
    return begun.get().plus(KEPT.dividedBy(files - 1)).isBefore(now);
  }

  private void rotate(Instant now) throws IOException {
    for (int age = files - 1; age > 0; age--) {
      if (Files.exists(file(age - 1))) {
        Files.move(file(age - 1), file(age), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    begun = Optional.of(now);
    for (int age = 1; age < files && Files.exists(file(age)); age++) {
      List<String> last = tail(file(age), 1);
      boolean ended = !last.isEmpty() && isPast(last.get(last.size() - 1), now);
      if (ended) {
        Files.delete(file(age));
      }
    }
  }

  /** Whether a line is older than any that is shown. */
  static boolean isPast(String line, Instant now) {
    return at(line).filter(at -> at.plus(KEPT).isBefore(now)).isPresent();
  }

  /** When a line was written; empty if it does not say. */
  private static Optional<Instant> at(String line) {
    return line == null
        ? Optional.empty()
        : json(line)
            .map(json -> json.path("at").asText())
            .flatMap(
                at -> {
                  try {
                    return Optional.of(Instant.parse(at));
                  } catch (DateTimeParseException e) {
                    return Optional.empty();
                  }
                });
  }

  /** A line as JSON; empty if it was torn. */
  static Optional<JsonNode> json(String line) {
    if (!line.startsWith("{") || !line.endsWith("}")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Documents.json(line.getBytes(StandardCharsets.UTF_8)));
    } catch (InvalidModelException e) {
      return Optional.empty();
    }
  }

  /** The last lines, the last first; torn ones are passed over. */
  List<String> newest(int most) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int age = 0; age < files && lines.size() < most; age++) {
      if (!Files.exists(file(age))) {
        continue;
      }
      List<String> all = tail(file(age), most - lines.size());
      for (int i = all.size() - 1; i >= 0 && lines.size() < most; i--) {
        if (json(all.get(i)).isPresent()) {
          lines.add(all.get(i));
        }
      }
    }
    return lines;
  }

  /**
   * Lines of the end, the last first: at least down to one that has one of these keys, if any has.
   */
  List<String> newestWith(List<String> keys) throws IOException {
    for (int most = LOOKED_AT; ; most *= 10) {
      List<String> lines = newest(most);
      boolean found =
          lines.stream().map(line -> json(line).orElseThrow()).anyMatch(l -> hasOne(l, keys));
      if (found || lines.size() < most) {
        return lines;
      }
    }
  }

  private static boolean hasOne(JsonNode line, List<String> keys) {
    return keys.stream().anyMatch(line::has);
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

  /** The name of the state that the lines with versions are about; empty: none yet. */
  String state() throws IOException {
    try {
      return Files.readString(directory.resolve("state")).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  void state(String name) throws IOException {
    Files.writeString(directory.resolve("state"), name + "\n");
  }
}
