package io.springtide.registry;

import io.springtide.registry.store.Digest;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;

/** A story of one blob, which its upstream has, and one proxy. */
public abstract class OneBlobStory extends ProxyStory {
  private final String repository;
  private final int seed;
  protected final byte[] bytes;
  protected Digest digest;
  protected String path;
  protected TestProxy proxy;

  /** {@code seed}: of the blob's bytes. */
  protected OneBlobStory(String repository, int size, int seed) {
    this.repository = repository;
    this.seed = seed;
    this.bytes = new byte[size];
  }

  @BeforeEach
  final void openProxy() throws Exception {
    new Random(seed).nextBytes(bytes);
    digest = upstream.blob(repository, bytes);
    path = "/v2/" + repository + "/blobs/" + digest;
    proxy = open();
  }

  /** The proxy that it is about. */
  protected TestProxy open() throws Exception {
    return proxy("");
  }
}
