package io.springtide.server.mesos;

/**
 * The executor that this process has agents start.
 *
 * @param sha256 of its content, in lower-case hexadecimal; an agent runs no other
 * @param url where agents fetch it. Their fetchers cache by URL, so a URL that this process serves
 *     holds the hash: another content is never taken from the cache
 */
public record ExecutorJar(String sha256, String url) {}
