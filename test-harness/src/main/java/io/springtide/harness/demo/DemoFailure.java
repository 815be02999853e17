package io.springtide.harness.demo;

/** The demo did not show what it set out to show; the message is for the person who watches. */
final class DemoFailure extends Exception {
  private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }
}
