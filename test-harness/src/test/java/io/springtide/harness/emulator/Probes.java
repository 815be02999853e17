package io.springtide.harness.emulator;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** What the schedulers of tests say, and how they wait for what they hear. */
public final class Probes {
  private Probes() {}

  public static FrameworkInfo.Builder framework(
      String user, String name, String role, FrameworkInfo.Capability.Type... capabilities) {
    FrameworkInfo.Builder info =
        FrameworkInfo.newBuilder().setUser(user).setName(name).addRoles(role).setCheckpoint(true);
    for (FrameworkInfo.Capability.Type capability : capabilities) {
      info.addCapabilitiesBuilder().setType(capability);
    }
    return info;
  }

  /**
   * @param idOrNull what the master called the framework; null before it did
   */
  public static Call.Builder subscribe(FrameworkInfo info, FrameworkID idOrNull) {
    Call.Builder call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    FrameworkInfo.Builder mine = info.toBuilder();
    if (idOrNull != null) {
      mine.setId(idOrNull);
      call.setFrameworkId(idOrNull);
    }
    call.getSubscribeBuilder().setFrameworkInfo(mine);
    return call;
  }

  /** A call, made one that acknowledges this. */
  public static Call.Builder acknowledging(Call.Builder call, TaskStatus status) {
    call.setType(Call.Type.ACKNOWLEDGE)
        .getAcknowledgeBuilder()
        .setAgentId(status.getAgentId())
        .setTaskId(status.getTaskId())
        .setUuid(status.getUuid());
    return call;
  }

  public static double cpus(Offer offer) {
    return offer.getResourcesList().stream()
        .filter(resource -> resource.getName().equals("cpus"))
        .mapToDouble(resource -> resource.getScalar().getValue())
        .sum();
  }

  public static Predicate<Event> updateOf(String taskId) {
    return event ->
        event.getType() == Event.Type.UPDATE
            && event.getUpdate().getStatus().getTaskId().getValue().equals(taskId);
  }

  /**
   * Waits for an event, past or coming, and takes it away.
   *
   * @param events what was heard; whoever adds to it holds its lock and notifies
   * @return empty if it did not come in time
   */
  public static Optional<Event> await(
      List<Event> events, Predicate<Event> wanted, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    synchronized (events) {
      while (true) {
        for (int i = 0; i < events.size(); i++) {
          if (wanted.test(events.get(i))) {
            return Optional.of(events.remove(i));
          }
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return Optional.empty();
        }
        events.wait(left);
      }
    }
  }
}
