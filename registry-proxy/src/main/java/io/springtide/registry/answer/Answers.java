package io.springtide.registry.answer;

import java.util.Optional;

/**
 * Those who answer, by what is asked for.
 *
 * @param tracker none on a host's peer
 */
public record Answers(
    BlobFront blobs, ManifestFront manifests, Optional<TrackerDoor> tracker, Admin admin) {}
