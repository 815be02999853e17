package io.springtide.harness.bench.registry;

import io.springtide.harness.bench.registry.Command.Said;
import java.io.IOException;

/** A program that pulls images through one proxy or peer. */
interface ImageClient {
  /** One word or two, fit for a repository when lower-cased and its blanks are dashes. */
  String name();

  /** Where in the registry an image must be for this client to find it under {@code name}. */
  default String repository(String name) {
    return "feed/" + name;
  }

  /** What it adds to each request. */
  default String query() {
    return "";
  }

  /**
   * Whether it goes on by itself when an answer ends too early or a connection is refused; else it
   * says that it failed, and pulls when it is told again.
   */
  boolean persistent();

  Said pull(LayeredImage image) throws IOException, InterruptedException;

  /** Fails unless all of the image is there, byte by byte. */
  void assertWhole(LayeredImage image) throws IOException, InterruptedException;

  /** Takes it away, so that the next pull is a cold one. */
  void forget(LayeredImage image) throws IOException, InterruptedException;
}
