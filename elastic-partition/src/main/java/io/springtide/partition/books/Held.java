package io.springtide.partition.books;

import io.springtide.partition.model.Label;

/**
 * What an instance holds, as the books have it.
 *
 * @param job the version that it was placed as
 * @param host the host's row
 * @param since when it was admitted, in milliseconds since 1970
 * @param ports the host ports it holds
 */
@SuppressWarnings("ArrayRecordComponent") // The ports of a row are replaced, never changed.
public record Held(String instance, JobState job, int host, Label label, long since, int[] ports) {}
