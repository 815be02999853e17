package io.springtide.harness.emulator.http;

import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.master.OperatorCalls;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.EventStream;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Event;

/** The master's operator API. */
final class OperatorDoor {

  private final Loop loop;
  private volatile OperatorCalls calls;

  OperatorDoor(Loop loop) {
    this.loop = loop;
  }

  void master(Master master) {
    calls = master == null ? null : new OperatorCalls(master);
  }

  OperatorCalls calls() {
    return calls;
  }

  void call(Exchange exchange) {
    Call.Builder builder = Call.newBuilder();
    Format format = Calls.read(exchange, builder);
    if (format == null) {
      return;
    }
    Call call = builder.buildPartial();
    Optional<String> error =
        CallRules.operator(call, call.hasType(), call.getType().name(), "master");
    if (error.isPresent()) {
      exchange.text(400, error.get());
      return;
    }
    Format accepted = Format.ofAccept(exchange.header("Accept"));
    if (accepted == null) {
      exchange.text(406, Calls.NOT_ACCEPTABLE);
      return;
    }
    OperatorCalls target = calls;
    if (call.getType() == Call.Type.SUBSCRIBE) {
      loop.execute(
          () -> {
            Runnable[] closed = new Runnable[1];
            EventStream<Event> stream = Calls.events(exchange, accepted, Map.of(), closed);
            closed[0] = () -> loop.execute(() -> target.disconnected(stream));
            target.subscribe(stream);
          });
    } else {
      loop.execute(() -> Calls.answer(exchange, accepted, target.call(call)));
    }
  }
}
