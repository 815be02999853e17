package io.springtide.registry.warm;

import io.springtide.registry.fill.FillTable;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The blobs of an image, as far as its manifests have been read, and how much of them is here. */
final class Parts {
  private final Map<Digest, Long> sizes = new ConcurrentHashMap<>();

  /** {@code size}: what the manifest says. */
  void add(Digest digest, long size) {
    sizes.put(digest, Math.max(0, size));
  }

  long bytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Bytes in the store, and those that have arrived of blobs that are on their way. */
  long arrived(BlobStore store, FillTable fills) {
    long sum = 0;
    for (Map.Entry<Digest, Long> part : sizes.entrySet()) {
      long size = part.getValue();
      sum +=
          store.has(part.getKey())
              ? size
              : fills.find(part.getKey()).map(f -> Math.min(size, f.available())).orElse(0L);
    }
    return sum;
  }
}
