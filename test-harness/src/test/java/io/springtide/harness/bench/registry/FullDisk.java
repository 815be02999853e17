package io.springtide.harness.bench.registry;

import java.util.ArrayList;
import java.util.List;

/** A limit on the size of a file fails a write in its middle, as a full disk does. */
final class FullDisk {
  private FullDisk() {}

  /** {@code command}, unable to write files of more than so many KiB. */
  static List<String> above(int kib, List<String> command) {
    List<String> limited =
        new ArrayList<>(List.of("bash", "-c", "ulimit -f " + kib + "; exec \"$@\"", "-"));
    limited.addAll(command);
    return limited;
  }
}
