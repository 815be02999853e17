package io.springtide.harness.emulator.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.springtide.harness.emulator.json.JsonException;
import io.springtide.harness.emulator.json.JsonText;
import io.springtide.harness.emulator.json.ProtoParser;
import io.springtide.harness.emulator.json.ProtoPrinter;
import io.springtide.mesos.RecordIo;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The two formats of the v1 APIs. */
enum Format {
  JSON("application/json"),
  PROTOBUF("application/x-protobuf");

  final String type;

  Format(String type) {
    this.type = type;
  }

  byte[] encode(Message message) {
    return this == JSON
        ? ProtoPrinter.print(message).getBytes(StandardCharsets.UTF_8)
        : message.toByteArray();
  }

  /** One record of an event stream. */
  ByteBuf record(Message message) {
    return record(encode(message));
  }

  static ByteBuf record(byte[] bytes) {
    ByteBuf out = Unpooled.buffer(bytes.length + 12);
    RecordIo.encode(bytes, out);
    return out;
  }

  /**
   * Reads a call.
   *
   * @throws JsonException with the text of the 400
   */
  void parse(byte[] body, Message.Builder call) throws JsonException {
    if (this == PROTOBUF) {
      try {
        call.mergeFrom(body);
      } catch (InvalidProtocolBufferException e) {
        throw new JsonException("Failed to parse body into Call protobuf");
      }
      if (!call.isInitialized()) {
        throw new JsonException("Failed to parse body into Call protobuf");
      }
      return;
    }
    Object json;
    try {
      json = JsonText.parse(new String(body, StandardCharsets.UTF_8));
    } catch (JsonException e) {
      throw new JsonException("Failed to parse body into JSON: " + e.getMessage());
    }
    try {
      ProtoParser.merge(json, call);
    } catch (JsonException e) {
      throw new JsonException("Failed to convert JSON into Call protobuf: " + e.getMessage());
    }
  }

  /** The format of a Content-Type, which must match byte for byte; null for any other. */
  static Format ofContentType(String type) {
    for (Format format : values()) {
      if (format.type.equals(type)) {
        return format;
      }
    }
    return null;
  }

  /** JSON whenever Accept allows it, else protobuf, else null; q is ignored as Mesos does. */
  static Format ofAccept(String accept) {
    if (accept == null) {
      return JSON;
    }
    boolean protobuf = false;
    for (String item : accept.split(",", -1)) {
      String range = item.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
      if (range.equals("*/*") || range.equals("application/*") || range.equals(JSON.type)) {
        return JSON;
      }
      protobuf |= range.equals(PROTOBUF.type);
    }
    return protobuf ? PROTOBUF : null;
  }
}
