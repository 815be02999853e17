package io.springtide.harness.bench.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Everybody who pulls images on Debian 12, each with a store of its own, through one port. */
record Clients(Dockerd dockerd, Containerd containerd, List<ImageClient> all)
    implements AutoCloseable {

  /** {@code port}: of the proxy or peer, on loopback. */
  static Clients start(Path directory, int port) throws IOException, InterruptedException {
    String registry = "127.0.0.1:" + port;
    String mirror = "http://" + registry;
    Dockerd dockerd = Dockerd.start(directory.resolve("dockerd"), mirror);
    try {
      Containerd containerd = Containerd.start(directory.resolve("containerd"), mirror);
      return new Clients(
          dockerd,
          containerd,
          List.of(
              dockerd.byName(registry),
              dockerd.byMirror(),
              dockerd.byMirrorFromLibrary(),
              containerd.byName(registry),
              containerd.byNamespace(),
              new Skopeo(directory.resolve("skopeo"), registry),
              new Podman(directory.resolve("podman"), registry)));
    } catch (IOException | InterruptedException e) {
      dockerd.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (dockerd) {
      containerd.close();
    }
  }
}
