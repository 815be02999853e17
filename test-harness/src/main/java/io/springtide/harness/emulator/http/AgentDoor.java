package io.springtide.harness.emulator.http;

import io.netty.channel.EventLoopGroup;
import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.ExecutorTokens;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Reply;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/** An agent's HTTP: the executor API and the operator API. */
public final class AgentDoor implements AutoCloseable {

  private final Loop loop;
  private final Optional<ExecutorTokens> tokens;
  private final Supplier<Agent> agent;
  private final HttpDoor door;

  /**
   * @param tokens what executors must show, where they must show anything
   * @param agent the process behind the door, asked on the loop; null while there is none
   */
  public AgentDoor(
      EventLoopGroup group,
      int port,
      LongAdder sent,
      Loop loop,
      Optional<ExecutorTokens> tokens,
      Supplier<Agent> agent)
      throws IOException {
    this.loop = loop;
    this.tokens = tokens;
    this.agent = agent;
    this.door = HttpDoor.open(group, port, sent, this::handle);
  }

  private void handle(Exchange exchange) {
    String path = exchange.path();
    String local = path.startsWith("/slave(1)/") ? path.substring("/slave(1)".length()) : path;
    if (local.equals("/api/v1/executor") || local.startsWith("/api/v1/executor/")) {
      executor(exchange);
    } else if (local.equals("/api/v1") || local.startsWith("/api/v1/")) {
      AgentOperatorDoor.call(loop, agent, exchange);
    } else if (local.equals("/health")) {
      exchange.text(200, "");
    } else {
      AgentOperatorDoor.legacy(loop, agent, exchange, local);
    }
  }

  private void executor(Exchange exchange) {
    ExecutorTokens.Found.Bearer bearer = null;
    if (tokens.isPresent()) {
      ExecutorTokens.Found found = tokens.get().check(exchange.header("Authorization"));
      if (found instanceof ExecutorTokens.Found.Refused refused) {
        Authentication.challenge(exchange, refused.challenge());
        return;
      }
      bearer = (ExecutorTokens.Found.Bearer) found;
    }
    executor(exchange, bearer);
  }

  /**
   * @param bearerOrNull whose token came with the call; null where none is asked for
   */
  private void executor(Exchange exchange, ExecutorTokens.Found.Bearer bearerOrNull) {
    Call.Builder builder = Call.newBuilder();
    Format format = Calls.read(exchange, builder);
    if (format == null) {
      return;
    }
    Call call = builder.buildPartial();
    Optional<String> error = CallRules.executor(call);
    if (error.isPresent()) {
      exchange.text(400, error.get());
      return;
    }
    if (call.getType() != Call.Type.SUBSCRIBE) {
      loop.execute(
          () -> {
            Agent process = agent.get();
            Reply foreign = foreign(process, call, bearerOrNull);
            Calls.answer(
                exchange,
                format,
                process == null
                    ? Reply.error(503, "Agent has not finished recovery")
                    : foreign != null ? foreign : process.call(call));
          });
      return;
    }
    Format accepted = Format.ofAccept(exchange.header("Accept"));
    if (accepted == null) {
      exchange.text(406, Calls.NOT_ACCEPTABLE);
      return;
    }
    loop.execute(() -> subscribe(exchange, accepted, call, bearerOrNull));
  }

  private static Reply foreign(
      Agent processOrNull, Call call, ExecutorTokens.Found.Bearer bearerOrNull) {
    return processOrNull == null || bearerOrNull == null
        ? null
        : processOrNull.foreign(call, bearerOrNull);
  }

  private void subscribe(
      Exchange exchange, Format format, Call call, ExecutorTokens.Found.Bearer bearerOrNull) {
    Agent process = agent.get();
    if (process == null) {
      exchange.text(503, "Agent has not finished recovery");
      return;
    }
    Reply foreign = foreign(process, call, bearerOrNull);
    if (foreign != null) {
      Calls.answer(exchange, format, foreign);
      return;
    }
    Lazy stream = new Lazy(exchange, format);
    stream.closed = () -> loop.execute(() -> process.executorGone(stream));
    Reply refused = process.subscribe(call, stream);
    if (refused != null) {
      Calls.answer(exchange, format, refused);
    }
  }

  /** A stream whose head is sent with its first event: until then it may still be refused. */
  private static final class Lazy implements EventStream<Event> {
    private final Exchange exchange;
    private final Format format;
    private Runnable closed;
    private EventStream<Event> open;

    private Lazy(Exchange exchange, Format format) {
      this.exchange = exchange;
      this.format = format;
    }

    @Override
    public void send(Event event) {
      open().send(event);
    }

    @Override
    public void end() {
      open().end();
    }

    private EventStream<Event> open() {
      if (open == null) {
        open = Calls.events(exchange, format, Map.of(), new Runnable[] {closed});
      }
      return open;
    }
  }

  @Override
  public void close() {
    door.close();
  }
}
