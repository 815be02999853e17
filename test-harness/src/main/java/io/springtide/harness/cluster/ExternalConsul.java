package io.springtide.harness.cluster;

import io.springtide.harness.consul.Consul;
import java.net.URI;

/** A Consul that was there before us and stays after us: {@code CONSUL_HTTP_ADDR}. */
record ExternalConsul(URI uri) implements Consul {

  /** As Consul's own tools read it: with or without a scheme. */
  static ExternalConsul at(String address) {
    return new ExternalConsul(URI.create(address.contains("://") ? address : "http://" + address));
  }

  @Override
  public String description() {
    return "the Consul of CONSUL_HTTP_ADDR";
  }

  @Override
  public void close() {
    // Not ours to end.
  }
}
