package io.springtide.harness.emulator.wire;

import com.google.protobuf.Message;

/**
 * The answer to a call that opens no stream.
 *
 * @param status HTTP status
 * @param text plain text body; empty for none
 * @param message message body in the caller's format; null for none
 */
public record Reply(int status, String text, Message message) {

  public static final Reply ACCEPTED = new Reply(202, "", null);
  public static final Reply OK = new Reply(200, "", null);

  public static Reply error(int status, String text) {
    return new Reply(status, text, null);
  }

  public static Reply of(Message message) {
    return new Reply(200, "", message);
  }
}
