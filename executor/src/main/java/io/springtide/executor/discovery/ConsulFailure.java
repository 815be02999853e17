package io.springtide.executor.discovery;

/** Consul refused a request. */
final class ConsulFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConsulFailure(String request, int status, String body) {
    super(request + " answered " + status + ": " + body.strip(), null, false, false);
  }
}
