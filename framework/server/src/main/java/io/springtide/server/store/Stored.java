package io.springtide.server.store;

/**
 * The text of a commit or of a snapshot, and the format in which it is written.
 *
 * @param format see {@link Formats}
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Stored(int format, byte[] text) {}
