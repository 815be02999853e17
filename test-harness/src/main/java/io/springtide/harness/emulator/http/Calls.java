package io.springtide.harness.emulator.http;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.springtide.harness.emulator.json.JsonException;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import java.util.Map;
import java.util.Optional;

/** What all call endpoints do alike, in Mesos' order of checks. */
final class Calls {

  static final String NOT_ACCEPTABLE =
      "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'";

  private Calls() {}

  /** Checks method and Content-Type and reads the call; answers itself and gives null if wrong. */
  static Format read(Exchange exchange, Message.Builder call) {
    if (!exchange.method().equals("POST")) {
      exchange.send(
          405,
          "text/plain; charset=utf-8",
          ("405 Method Not Allowed. Expecting one of { 'POST' }, but received '"
                  + exchange.method()
                  + "'.")
              .getBytes(java.nio.charset.StandardCharsets.UTF_8),
          Map.of("Allow", "POST"));
      return null;
    }
    String type = exchange.header("Content-Type");
    if (type == null) {
      exchange.text(400, "Expecting 'Content-Type' to be present");
      return null;
    }
    Format format = Format.ofContentType(type);
    if (format == null) {
      exchange.text(415, "Expecting 'Content-Type' of application/json or application/x-protobuf");
      return null;
    }
    try {
      format.parse(exchange.body(), call);
      return format;
    } catch (JsonException e) {
      exchange.text(400, e.getMessage());
      return null;
    }
  }

  /**
   * Reads an operator's call.
   *
   * @param process whose call it is: master or agent
   * @return the format of the answer; null if the call is refused, which is answered
   */
  static Format operator(Exchange exchange, Message.Builder call, String process) {
    if (read(exchange, call) == null) {
      return null;
    }
    FieldDescriptor type = call.getDescriptorForType().findFieldByName("type");
    Optional<String> error =
        CallRules.operator(
            call.buildPartial(), call.hasField(type), call.getField(type).toString(), process);
    if (error.isPresent()) {
      exchange.text(400, error.get());
      return null;
    }
    Format accepted = Format.ofAccept(exchange.header("Accept"));
    if (accepted == null) {
      exchange.text(406, NOT_ACCEPTABLE);
    }
    return accepted;
  }

  static void answer(Exchange exchange, Format format, Reply reply) {
    if (reply.message() != null) {
      exchange.send(reply.status(), format.type, format.encode(reply.message()), Map.of());
    } else {
      exchange.text(reply.status(), reply.text());
    }
  }

  /** An event stream over an exchange. */
  static <E extends Message> EventStream<E> events(
      Exchange exchange, Format format, Map<String, String> headers, Runnable[] closed) {
    Exchange.Chunks chunks =
        exchange.stream(
            format.type,
            headers,
            () -> {
              if (closed[0] != null) {
                closed[0].run();
              }
            });
    return new EventStream<>() {
      @Override
      public void send(E event) {
        chunks.chunk(format.record(event));
      }

      @Override
      public void end() {
        chunks.end();
      }
    };
  }
}
