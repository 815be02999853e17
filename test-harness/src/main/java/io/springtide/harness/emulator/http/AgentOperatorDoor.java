package io.springtide.harness.emulator.http;

import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.AgentOperatorCalls;
import io.springtide.harness.emulator.agent.LegacyAgentState;
import io.springtide.harness.emulator.json.PlainJson;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.Reply;
import io.springtide.harness.emulator.wire.Version;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.mesos.v1.agent.Protos.Call;

/** The agent's operator API. */
final class AgentOperatorDoor {

  private AgentOperatorDoor() {}

  static void call(Loop loop, Supplier<Agent> agent, Exchange exchange) {
    Call.Builder builder = Call.newBuilder();
    Format accepted = Calls.operator(exchange, builder, "agent");
    if (accepted == null) {
      return;
    }
    Call call = builder.buildPartial();
    loop.execute(
        () -> {
          Agent process = agent.get();
          Calls.answer(
              exchange,
              accepted,
              process == null || !process.booted()
                  ? Reply.error(503, "Agent has not finished recovery")
                  : AgentOperatorCalls.call(process, call));
        });
  }

  static void legacy(Loop loop, Supplier<Agent> agent, Exchange exchange, String path) {
    if (path.equals("/version")) {
      exchange.send(
          200, "application/json", Version.JSON.getBytes(StandardCharsets.UTF_8), Map.of());
    } else if (path.equals("/state")) {
      loop.execute(() -> state(agent.get(), exchange));
    } else {
      exchange.text(404, "404 Not Found.");
    }
  }

  private static void state(Agent processOrNull, Exchange exchange) {
    if (processOrNull == null || !processOrNull.booted()) {
      exchange.text(503, "Agent has not finished recovery");
      return;
    }
    String json = PlainJson.print(new LegacyAgentState(processOrNull).state());
    exchange.send(200, "application/json", json.getBytes(StandardCharsets.UTF_8), Map.of());
  }
}
