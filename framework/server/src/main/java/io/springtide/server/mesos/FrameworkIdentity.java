package io.springtide.server.mesos;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Protos.Call;

/**
 * The framework as the master sees it.
 *
 * @param name shown in the Mesos UI
 * @param role our own
 * @param user that tasks run as
 * @param principal where the master authenticates
 * @param failoverTimeout how long tasks outlive our absence; Mesos' own default would kill them all
 * @param webUi where the Mesos UI links to; its host is shown as ours
 */
public record FrameworkIdentity(
    String name,
    String role,
    String user,
    Optional<String> principal,
    Duration failoverTimeout,
    String webUi) {
  private static final List<FrameworkInfo.Capability.Type> CAPABILITIES =
      List.of(
          FrameworkInfo.Capability.Type.GPU_RESOURCES,
          FrameworkInfo.Capability.Type.MULTI_ROLE,
          FrameworkInfo.Capability.Type.PARTITION_AWARE,
          FrameworkInfo.Capability.Type.TASK_KILLING_STATE,
          FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT,
          FrameworkInfo.Capability.Type.REGION_AWARE);

  /**
   * The call that subscribes us.
   *
   * @param frameworkId empty at the very first time
   */
  Call subscribe(String frameworkId) {
    FrameworkInfo.Builder info =
        FrameworkInfo.newBuilder()
            .setUser(user)
            .setName(name)
            .addRoles(role)
            .setCheckpoint(true)
            .setFailoverTimeout(failoverTimeout.toMillis() / 1000.0)
            .setHostname(URI.create(webUi).getHost())
            .setWebuiUrl(webUi);
    CAPABILITIES.forEach(
        type -> info.addCapabilities(FrameworkInfo.Capability.newBuilder().setType(type)));
    principal.ifPresent(info::setPrincipal);
    Call.Builder call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    if (!frameworkId.isEmpty()) {
      FrameworkID id = FrameworkID.newBuilder().setValue(frameworkId).build();
      info.setId(id);
      call.setFrameworkId(id);
    }
    return call.setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(info)).build();
  }
}
