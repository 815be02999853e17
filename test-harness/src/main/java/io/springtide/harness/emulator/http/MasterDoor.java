package io.springtide.harness.emulator.http;

import io.netty.channel.EventLoopGroup;
import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.harness.emulator.wire.Reply;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** A master's HTTP: the scheduler API, the operator API and the endpoints of old. */
public final class MasterDoor implements AutoCloseable {

  private final Loop loop;
  private final Ids ids;
  private final Authentication authentication;
  private final HttpDoor door;
  private final OperatorDoor operator;
  private volatile Leadership leadership;
  private volatile Master master;

  /** Who answers, when it is not this master. */
  public sealed interface Leadership {
    /** This master leads and has recovered. */
    record Leading() implements Leadership {}

    /** Another leads. */
    record Elsewhere(String host, int port) implements Leadership {}

    /** Nobody can answer yet. */
    record Unavailable(String why) implements Leadership {}
  }

  public MasterDoor(
      EventLoopGroup group,
      int port,
      LongAdder sent,
      Loop loop,
      Ids ids,
      Authentication authentication)
      throws IOException {
    this.loop = loop;
    this.ids = ids;
    this.authentication = authentication;
    this.leadership = new Leadership.Unavailable("No leader elected");
    this.operator = new OperatorDoor(loop);
    this.door = HttpDoor.open(group, port, sent, this::handle);
  }

  public int port() {
    return door.port();
  }

  /** Says who leads from now on; {@code leading} is this door's master when it does. */
  public void lead(Leadership now, Master leading) {
    master = leading;
    operator.master(leading);
    leadership = now;
  }

  private void handle(Exchange exchange) {
    String path = exchange.path();
    String local = path.startsWith("/master/") ? path.substring("/master".length()) : path;
    if (local.equals("/health")) {
      exchange.text(200, "");
    } else if (local.equals("/api/v1/scheduler") || local.startsWith("/api/v1/scheduler/")) {
      guarded(exchange, "mesos-master-scheduler", principal -> scheduler(exchange, principal));
    } else if (local.equals("/api/v1") || local.startsWith("/api/v1/")) {
      guarded(exchange, "mesos-master-readwrite", principal -> operator.call(exchange));
    } else {
      LegacyDoor.handle(this, operator, exchange, local);
    }
  }

  Leadership leadership() {
    return leadership;
  }

  Authentication authentication() {
    return authentication;
  }

  Loop loop() {
    return loop;
  }

  void guarded(Exchange exchange, String realm, java.util.function.Consumer<String> then) {
    Optional<String> principal = authentication.principal(exchange);
    if (principal.isEmpty()) {
      authentication.refuse(exchange, realm);
      return;
    }
    Leadership now = leadership;
    if (now instanceof Leadership.Elsewhere other) {
      String path =
          exchange.path().startsWith("/master/") ? exchange.path() : "/master" + exchange.path();
      exchange.send(
          307,
          "",
          new byte[0],
          Map.of("Location", "//" + other.host() + ":" + other.port() + path));
    } else if (now instanceof Leadership.Unavailable why) {
      exchange.text(503, why.why());
    } else {
      then.accept(principal.get());
    }
  }

  private void scheduler(Exchange exchange, String principal) {
    Call.Builder builder = Call.newBuilder();
    Format format = Calls.read(exchange, builder);
    if (format == null) {
      return;
    }
    Call call = builder.buildPartial();
    Optional<String> error = CallRules.scheduler(call, principal);
    if (error.isPresent()) {
      exchange.text(400, error.get());
      return;
    }
    String streamId = exchange.header("Mesos-Stream-Id");
    Master leading = master;
    if (call.getType() != Call.Type.SUBSCRIBE) {
      loop.execute(
          () ->
              Calls.answer(
                  exchange,
                  format,
                  leading.call(call, streamId == null ? "" : streamId, principal)));
      return;
    }
    Format accepted = Format.ofAccept(exchange.header("Accept"));
    if (accepted == null) {
      exchange.text(406, Calls.NOT_ACCEPTABLE);
      return;
    }
    if (streamId != null) {
      exchange.text(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
      return;
    }
    loop.execute(() -> subscribe(exchange, accepted, leading, call, principal));
  }

  private void subscribe(
      Exchange exchange, Format format, Master leading, Call call, String principal) {
    String id = ids.uuid().toString();
    Runnable[] closed = new Runnable[1];
    EventStream<Event> stream =
        Calls.events(exchange, format, Map.of("Mesos-Stream-Id", id), closed);
    closed[0] = () -> loop.execute(() -> leading.schedulerGone(stream));
    leading.subscribe(call.getSubscribe(), stream, id, principal);
  }

  static Reply notFound() {
    return Reply.error(404, "404 Not Found.");
  }

  @Override
  public void close() {
    door.close();
  }
}
