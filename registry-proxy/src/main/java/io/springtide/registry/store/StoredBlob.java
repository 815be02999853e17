package io.springtide.registry.store;

import java.nio.file.Path;

/**
 * Whole, verified content on disk. The file may be evicted at any time; an open channel on it stays
 * readable.
 */
public record StoredBlob(Digest digest, Path path, long size) {}
