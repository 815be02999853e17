package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.springtide.harness.emulator.json.JsonException;
import io.springtide.harness.emulator.json.JsonText;
import io.springtide.harness.emulator.json.ProtoParser;
import io.springtide.harness.emulator.json.ProtoPrinter;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** Binary messages of the recording, as JSON and back. */
final class Protobuf {

  private Protobuf() {}

  /** Bytes as the JSON that Mesos would print of them. */
  static JsonNode json(byte[] bytes, Message.Builder builder)
      throws InvalidProtocolBufferException {
    try {
      return Trace.JSON.readTree(ProtoPrinter.print(builder.mergeFrom(bytes).build()));
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A scheduler call with the run's names; what is no call stays as it is. */
  static byte[] renamed(byte[] bytes, Bindings bindings) {
    try {
      JsonNode renamed = Names.in(json(bytes, Call.newBuilder()), bindings);
      Call.Builder call = Call.newBuilder();
      ProtoParser.merge(JsonText.parse(renamed.toString()), call);
      return call.build().toByteArray();
    } catch (InvalidProtocolBufferException | JsonException e) {
      return bytes;
    }
  }
}
