package io.springtide.server.store;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Byte strings too large for one znode, kept as {@code <root>/<name>/<k>} in chunks.
 *
 * <p>A byte string is complete only once something else that was written after it refers to it; who
 * leads removes what nothing refers to. Names begin with the epoch of their writer.
 */
final class Chunks {
  private final Reading reading;
  private final String root;

  Chunks(Reading reading, String root) {
    this.reading = reading;
    this.root = root;
  }

  /** {@code <epoch>-<commit>}. */
  static String name(long epoch, long commit) {
    return epoch + "-" + commit;
  }

  static long epoch(String name) {
    return Long.parseLong(name.substring(0, name.indexOf('-')));
  }

  static long commit(String name) {
    return Long.parseLong(name.substring(name.indexOf('-') + 1));
  }

  /** What begins it. The root must be there. */
  Write begin(String name) {
    return new Write.Create(path(name), new byte[0]);
  }

  /** Its {@code k}th chunk, of at most {@link Write#MOST_DATA}. */
  Write chunk(String name, int k, byte[] bytes) {
    return new Write.Create(path(name, k), bytes);
  }

  /** All that writes it, one multi for each: these are large. */
  List<Write> writes(String name, byte[] bytes) {
    List<Write> writes = new ArrayList<>();
    writes.add(begin(name));
    for (int from = 0; from < bytes.length || from == 0; from += Write.MOST_DATA) {
      int to = Math.min(bytes.length, from + Write.MOST_DATA);
      writes.add(chunk(name, writes.size() - 1, Arrays.copyOfRange(bytes, from, to)));
    }
    return writes;
  }

  /** What removes it, begun or whole. */
  List<Write> removal(String name) throws Exception {
    List<Write> writes = new ArrayList<>();
    for (String k : reading.names(path(name))) {
      writes.add(new Write.Delete(path(name) + "/" + k));
    }
    writes.add(new Write.Delete(path(name)));
    return writes;
  }

  /**
   * Reads it back; empty if nothing has that name.
   *
   * @throws DamageException if a chunk before the last is missing
   */
  Optional<byte[]> read(String name) throws Exception {
    List<String> names = reading.names(path(name));
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    List<Optional<byte[]>> chunks =
        reading.all(names.stream().map(k -> path(name) + "/" + k).toList());
    for (int k = 0; k < names.size(); k++) {
      if (!path(name, k).endsWith("/" + names.get(k)) || chunks.get(k).isEmpty()) {
        throw new DamageException("chunk " + k + " of " + path(name) + " is missing");
      }
      whole.writeBytes(chunks.get(k).get());
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(whole.toByteArray());
  }

  List<String> names() throws Exception {
    return reading.names(root);
  }

  String root() {
    return root;
  }

  private String path(String name) {
    return root + "/" + name;
  }

  private String path(String name, int k) {
    return path(name) + "/" + String.format("%06d", k);
  }
}
