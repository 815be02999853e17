package io.springtide.harness.neighbours;

import io.springtide.harness.emulator.SimulatedMesos;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.Desks;
import io.springtide.server.document.Documents;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PoolDocument;
import io.springtide.server.mesos.AgentsDesk;
import io.springtide.server.mesos.ExecutorJar;
import io.springtide.server.mesos.ExecutorTable;
import io.springtide.server.mesos.FrameworkIdentity;
import io.springtide.server.mesos.MesosDesk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.mesos.v1.master.Protos.Response;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** The core and its Mesos desk as a framework of a simulated Mesos, on its clock. */
final class VirtualSpringtide implements EventStream<org.apache.mesos.v1.scheduler.Protos.Event> {
  private static final Duration TICK = Duration.ofMillis(100);

  private final SimulatedMesos mesos;
  private final SchedulerCore core;
  private final MesosDesk desk;
  private final Desks desks;
  private final AgentsDesk agents;
  private final Deque<Event> events = new ArrayDeque<>();
  private final List<Call.Type> calls = new ArrayList<>();
  private final Map<String, byte[]> executors = new HashMap<>();
  private String streamId;
  private int requests;
  private boolean handling;

  private final Mesos client =
      new Mesos() {
        @Override
        public void send(Call call) {
          calls.add(call.getType());
          if (call.getType() == Call.Type.SUBSCRIBE) {
            streamId = mesos.subscribe(call.getSubscribe(), VirtualSpringtide.this);
          } else {
            mesos.loop().execute(() -> mesos.call(call, streamId));
          }
        }

        @Override
        public void reconnect() {}
      };

  VirtualSpringtide(SimulatedMesos mesos) {
    this.mesos = mesos;
    CoreConfig config = CoreConfig.of(MesosDesk.EXECUTOR);
    core = SchedulerCore.restore(config, StateStore.Loaded.EMPTY, mesos.loop().now());
    ExecutorTable.Shelf shelf =
        new ExecutorTable.Shelf() {
          @Override
          public Map<String, byte[]> all() {
            return executors;
          }

          @Override
          public void keep(String id, byte[] description) {
            executors.put(id, description);
          }
        };
    desk =
        new MesosDesk(
            new FrameworkIdentity(
                "springtide-virtual",
                "springtide",
                "root",
                Optional.empty(),
                Duration.ofDays(7),
                "http://127.0.0.1:8080/"),
            "",
            new ExecutorTable(
                shelf, new ExecutorJar("cafe", "http://nowhere/executor.jar"), "java"),
            config.executor(),
            config.warden(),
            "",
            this::handle,
            this::handle);
    desks = new Desks(desk, null);
    // Asked by the clock here, not by its own thread.
    agents =
        new AgentsDesk(CompletableFuture::new, CompletableFuture::new, "springtide", this::handle);
    mesos.loop().execute(() -> desk.connected(client));
    askForAgents();
    tick();
  }

  private void tick() {
    tell(new Event.Tick());
    mesos.loop().after(TICK, this::tick);
  }

  private void askForAgents() {
    Response known = ask(org.apache.mesos.v1.master.Protos.Call.Type.GET_AGENTS);
    Response schedule = ask(org.apache.mesos.v1.master.Protos.Call.Type.GET_MAINTENANCE_SCHEDULE);
    Duration pause =
        agents.heard(
            known.getGetAgents(), Optional.of(schedule.getGetMaintenanceSchedule().getSchedule()));
    mesos.loop().after(pause, this::askForAgents);
  }

  private Response ask(org.apache.mesos.v1.master.Protos.Call.Type type) {
    return (Response)
        mesos
            .operator(org.apache.mesos.v1.master.Protos.Call.newBuilder().setType(type).build())
            .message();
  }

  @Override
  public void send(org.apache.mesos.v1.scheduler.Protos.Event event) {
    desk.received(client, event);
  }

  @Override
  public void end() {
    throw new AssertionError("the master ends the subscription");
  }

  private void tell(Event event) {
    mesos.loop().execute(() -> handle(event));
  }

  private void handle(Event event) {
    events.add(event);
    if (handling) {
      return;
    }
    handling = true;
    while (!events.isEmpty()) {
      for (Effect effect : core.handle(events.poll(), mesos.loop().now())) {
        if (effect instanceof Effect.Outside outside) {
          desks.accept(outside);
        }
      }
    }
    handling = false;
  }

  void pool(String name, String document) {
    Pool pool = PoolDocument.read(named("name", name, document));
    tell(new Event.PutPool(request(), pool, OptionalLong.empty()));
  }

  void group(String path, String document) {
    Group group = GroupDocument.read(named("path", path, document));
    tell(new Event.PutGroup(request(), group, OptionalLong.empty()));
  }

  void job(String id, String document) {
    JobSpec job = JobDocument.read(named("id", id, document));
    tell(new Event.PutJob(request(), job, OptionalLong.empty()));
  }

  void remove(String job) {
    tell(new Event.RemoveJob(request(), job, OptionalLong.empty()));
  }

  private static com.fasterxml.jackson.databind.JsonNode named(
      String key, String name, String document) {
    var node =
        (com.fasterxml.jackson.databind.node.ObjectNode)
            Documents.json(document.getBytes(StandardCharsets.UTF_8));
    return node.put(key, name);
  }

  private String request() {
    return "r" + ++requests;
  }

  ClusterView view() {
    return core.view();
  }

  /** How often a call has been made until now. */
  long calls(Call.Type type) {
    return calls.stream().filter(type::equals).count();
  }
}
