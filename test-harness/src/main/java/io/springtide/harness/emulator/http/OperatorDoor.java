package io.springtide.harness.emulator.http;

import io.springtide.harness.emulator.json.PlainJson;
import io.springtide.harness.emulator.json.ProtoPrinter;
import io.springtide.harness.emulator.master.LegacyState;
import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.master.OperatorCalls;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.EventStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Event;

/** The master's operator API. */
final class OperatorDoor {

  private final Loop loop;
  private volatile OperatorCalls calls;
  private volatile LegacyState books;

  OperatorDoor(Loop loop) {
    this.loop = loop;
  }

  void master(Master master) {
    calls = master == null ? null : new OperatorCalls(master);
    books = master == null ? null : new LegacyState(master);
  }

  OperatorCalls calls() {
    return calls;
  }

  void call(Exchange exchange) {
    Call.Builder builder = Call.newBuilder();
    Format accepted = Calls.operator(exchange, builder, "master");
    if (accepted == null) {
      return;
    }
    Call call = builder.buildPartial();
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

  /** A document of the old endpoints: as JSON, in a call with {@code jsonp}, gzipped if asked. */
  void books(Exchange exchange, String path) {
    LegacyState legacy = books;
    loop.execute(
        () -> {
          String json = PlainJson.print(legacy.of(path).orElseThrow());
          String callback = exchange.parameter("jsonp");
          byte[] body =
              (callback == null ? json : callback + "(" + json + ");")
                  .getBytes(StandardCharsets.UTF_8);
          String accepted = exchange.header("Accept-Encoding");
          boolean gzip = accepted != null && accepted.contains("gzip");
          exchange.send(
              200,
              callback == null ? Format.JSON.type : "text/javascript",
              gzip ? Gzip.of(body) : body,
              gzip ? Map.of("Content-Encoding", "gzip") : Map.of());
        });
  }

  /** The metrics as one flat object; a master that does not lead has none of the cluster. */
  void metrics(Exchange exchange) {
    OperatorCalls target = calls;
    loop.execute(
        () -> {
          StringBuilder out = new StringBuilder("{");
          if (target != null) {
            target
                .metrics()
                .forEach(
                    (name, value) -> {
                      out.append(out.length() > 1 ? "," : "");
                      ProtoPrinter.string(name, out);
                      out.append(':').append(ProtoPrinter.number(value));
                    });
          }
          exchange.send(
              200,
              Format.JSON.type,
              out.append('}').toString().getBytes(StandardCharsets.UTF_8),
              Map.of());
        });
  }
}
