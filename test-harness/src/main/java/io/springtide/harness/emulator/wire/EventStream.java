package io.springtide.harness.emulator.wire;

import com.google.protobuf.Message;

/** The events of one subscription, towards the subscriber. Called on the loop only. */
public interface EventStream<E extends Message> {

  /** Sends one event; does nothing once the stream is over. */
  void send(E event);

  /** Ends the stream as Mesos does: last chunk, connection left open. */
  void end();
}
