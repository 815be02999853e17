package io.springtide.harness.consul;

import java.net.URI;

/** A Consul agent on loopback that ends with its owner. */
public interface Consul extends AutoCloseable {

  /** {@code http://127.0.0.1:<port>} of its HTTP API. */
  URI uri();

  /** For people: what answers there. */
  String description();

  @Override
  void close();
}
