package io.springtide.harness.bench.registry;

import java.util.List;
import java.util.stream.Stream;

/**
 * skopeo and podman keep a cache below {@code /var/lib}, whatever they are told: here they see one
 * of their own, which ends with them.
 */
final class OwnVarLib {
  private static final List<String> AROUND =
      List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /var/lib && exec \"$@\"", "-");

  private OwnVarLib() {}

  static List<String> around(List<String> command) {
    return Stream.concat(AROUND.stream(), command.stream()).toList();
  }
}
