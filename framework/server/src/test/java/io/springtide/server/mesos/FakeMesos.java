package io.springtide.server.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import io.springtide.executor.contract.Labels;
import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** A test in the master's place: takes calls, says events. */
public final class FakeMesos implements Mesos {

  private final MesosDesk desk;
  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private int serial;

  public FakeMesos(MesosDesk desk) {
    this.desk = desk;
  }

  /** As what the framework comes, with its pages at {@code webUi}. */
  public static FrameworkIdentity registration(String webUi) {
    return new FrameworkIdentity(
        "springtide-test", "springtide", "root", Optional.empty(), Duration.ofDays(7), webUi);
  }

  @Override
  public void send(Call call) {
    calls.add(call);
  }

  @Override
  public void reconnect() {}

  /** Lets the framework connect; returns its SUBSCRIBE. */
  public Call connect() {
    desk.connected(this);
    return next(Call.Type.SUBSCRIBE);
  }

  public void subscribed(String frameworkId) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
    event.getSubscribedBuilder().getFrameworkIdBuilder().setValue(frameworkId);
    say(event);
  }

  /** Lets the framework connect, and has it as {@code F1}. */
  public void subscribe() {
    connect();
    subscribed("F1");
  }

  /** The next call of that type; what comes before it is passed over. */
  public Call next(Call.Type type) {
    return next(type, call -> true);
  }

  public Call next(Call.Type type, Predicate<Call> which) {
    return next("a " + type, call -> call.getType() == type && which.test(call));
  }

  /** The next call of which {@code which} is true. */
  public Call next(String what, Predicate<Call> which) {
    List<Call.Type> passed = new ArrayList<>();
    try {
      while (true) {
        Call call = calls.poll(Patience.seconds(), TimeUnit.SECONDS);
        assertThat(call).as(what + "; came: " + passed).isNotNull();
        if (which.test(call)) {
          return call;
        }
        passed.add(call.getType());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** All calls since the last look. */
  public List<Call> sent() {
    List<Call> all = new ArrayList<>();
    calls.drainTo(all);
    return all;
  }

  /** The next ACCEPT that launches something. */
  public List<Protos.TaskInfo> launched() {
    return next(Call.Type.ACCEPT, call -> call.getAccept().getOperationsCount() > 0)
        .getAccept()
        .getOperations(0)
        .getLaunch()
        .getTaskInfosList();
  }

  /**
   * Offers one agent's resources.
   *
   * @param resources in protobuf's text format, one Resource each
   * @param executors that run there
   */
  public String offer(String agent, List<String> resources, String... executors) {
    return offer(agent, Map.of("place", "idc"), resources, executors);
  }

  /**
   * @param attributes of the agent
   */
  public String offer(
      String agent, Map<String, String> attributes, List<String> resources, String... executors) {
    String id = "O" + ++serial;
    Event.Builder event = Event.newBuilder().setType(Event.Type.OFFERS);
    Protos.Offer.Builder offer = event.getOffersBuilder().addOffersBuilder();
    offer.getIdBuilder().setValue(id);
    offer.getFrameworkIdBuilder().setValue("F1");
    offer.getAgentIdBuilder().setValue(agent);
    offer.setHostname(agent + ".example");
    offer.getUrlBuilder().setScheme("http");
    offer.getUrlBuilder().getAddressBuilder().setIp("127.0.0.1").setPort(5051);
    for (String text : resources) {
      offer.addResources(resource(text));
    }
    for (String executor : executors) {
      offer.addExecutorIds(Protos.ExecutorID.newBuilder().setValue(executor));
    }
    attributes.forEach(
        (name, value) ->
            offer
                .addAttributesBuilder()
                .setName(name)
                .setType(Protos.Value.Type.TEXT)
                .getTextBuilder()
                .setValue(value));
    say(event);
    return id;
  }

  /** Offers a host until something is launched there: what nobody may use yet is declined. */
  public List<Protos.TaskInfo> offerUntilLaunched(String agent, Protos.TaskInfo warden) {
    while (true) {
      offer(agent, wholeHost(), warden.getExecutor().getExecutorId().getValue());
      Call call =
          next(
              "an answer to the offer",
              it -> it.hasDecline() || it.getAccept().getOperationsCount() > 0);
      if (call.hasAccept()) {
        return call.getAccept().getOperations(0).getLaunch().getTaskInfosList();
      }
      next(Call.Type.REVIVE);
    }
  }

  static Protos.Resource resource(String text) {
    Protos.Resource.Builder resource = Protos.Resource.newBuilder();
    try {
      TextFormat.merge(text, resource);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(text, e);
    }
    return resource.build();
  }

  /** {@code name: "cpus"} of that amount, allocated to our role, with what else is given. */
  public static String scalar(String name, double value, String more) {
    return "name: \"%s\" type: SCALAR scalar { value: %s } allocation_info { role: \"springtide\" } %s"
        .formatted(name, value, more);
  }

  public static String ports(int begin, int end) {
    return ("name: \"ports\" type: RANGES ranges { range { begin: %d end: %d } }"
            + " allocation_info { role: \"springtide\" }")
        .formatted(begin, end);
  }

  /** Four cores, 4 GiB, disk and ports, unreserved. */
  public static List<String> wholeHost() {
    List<String> all = new ArrayList<>(room(4, 4096, 10000));
    all.add(ports(31000, 31099));
    return all;
  }

  static List<String> room(double cpus, double mem, double disk) {
    List<String> all = new ArrayList<>(room(cpus, mem));
    all.add(scalar("disk", disk, ""));
    return all;
  }

  /** So much, unreserved, and no disk. */
  static List<String> room(double cpus, double mem) {
    return List.of(scalar("cpus", cpus, ""), scalar("mem", mem, ""));
  }

  public void update(Protos.TaskInfo task, Protos.TaskState state, String uuid) {
    update(task, state, uuid, "");
  }

  public void update(Protos.TaskInfo task, Protos.TaskState state, String uuid, String message) {
    say(updated(task, state, uuid, message));
  }

  /** Its executor died. */
  public void executorTerminated(Protos.TaskInfo task, String uuid) {
    Event.Builder event = updated(task, Protos.TaskState.TASK_FAILED, uuid, "executor terminated");
    event
        .getUpdateBuilder()
        .getStatusBuilder()
        .setReason(Protos.TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
    say(event);
  }

  public void healthy(Protos.TaskInfo task, Protos.TaskState state, String uuid, boolean healthy) {
    Event.Builder event = updated(task, state, uuid, "");
    event.getUpdateBuilder().getStatusBuilder().setHealthy(healthy);
    say(event);
  }

  /** Its executor says that its health check has failed too often. */
  public void condemned(Protos.TaskInfo task, String uuid, String message) {
    Event.Builder event = updated(task, Protos.TaskState.TASK_RUNNING, uuid, message);
    event
        .getUpdateBuilder()
        .getStatusBuilder()
        .setHealthy(false)
        .getLabelsBuilder()
        .addLabels(Protos.Label.newBuilder().setKey(Labels.CONDEMNED).setValue("true"));
    say(event);
  }

  private static Event.Builder updated(
      Protos.TaskInfo task, Protos.TaskState state, String uuid, String message) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.UPDATE);
    Protos.TaskStatus.Builder status = event.getUpdateBuilder().getStatusBuilder();
    status.setTaskId(task.getTaskId()).setAgentId(task.getAgentId()).setState(state);
    status.setExecutorId(task.getExecutor().getExecutorId());
    status.setUuid(ByteString.copyFromUtf8(uuid)).setMessage(message);
    status.setTimestamp(1_800_000_000.25);
    return event;
  }

  /** An executor says something to the framework. */
  public void message(String agent, String executor, String data) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.MESSAGE);
    event.getMessageBuilder().getAgentIdBuilder().setValue(agent);
    event.getMessageBuilder().getExecutorIdBuilder().setValue(executor);
    event.getMessageBuilder().setData(ByteString.copyFromUtf8(data));
    say(event);
  }

  public void executorFailed(String agent, String executor) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.FAILURE);
    event.getFailureBuilder().getAgentIdBuilder().setValue(agent);
    event.getFailureBuilder().getExecutorIdBuilder().setValue(executor);
    event.getFailureBuilder().setStatus(9);
    say(event);
  }

  public void agentFailed(String agent) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.FAILURE);
    event.getFailureBuilder().getAgentIdBuilder().setValue(agent);
    say(event);
  }

  public void rescind(String offer) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.RESCIND);
    event.getRescindBuilder().getOfferIdBuilder().setValue(offer);
    say(event);
  }

  private void say(Event.Builder event) {
    desk.received(this, event.build());
  }
}
