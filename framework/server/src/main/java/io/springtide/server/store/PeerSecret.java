package io.springtide.server.store;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;

/** The secret of the servers on one state, beside the log: whoever may read that may lead. */
public final class PeerSecret {
  private static final String PATH = "/peers";

  private PeerSecret() {}

  /** It, if there is one yet: the first that leads makes it. */
  public static Optional<byte[]> read(CuratorFramework curator) {
    return Curated.get("read the servers' secret", () -> new Reading(curator).one(PATH));
  }

  /**
   * It, made if there is none.
   *
   * @param store loaded already
   */
  public static byte[] make(
      CuratorFramework curator, ZooKeeperStateStore store, int bytes, SecureRandom random) {
    Optional<byte[]> kept = read(curator);
    if (kept.isPresent()) {
      return kept.get();
    }
    byte[] secret = new byte[bytes];
    random.nextBytes(secret);
    return Curated.get(
        "keep the servers' secret",
        () -> {
          Curated.get(store.write(List.of(new Write.Create(PATH, secret))));
          return secret;
        });
  }
}
