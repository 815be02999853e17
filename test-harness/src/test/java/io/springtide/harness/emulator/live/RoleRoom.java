package io.springtide.harness.emulator.live;

import java.util.List;
import org.apache.mesos.v1.Protos.Resource;

/** Whether an agent could ever offer enough to a role: what is reserved to others, it cannot. */
final class RoleRoom {
  private RoleRoom() {}

  /**
   * Looks for as much room as the tests' tasks take.
   *
   * @param total all that an agent has, also what is used
   * @param role who would be offered it
   */
  static boolean in(List<Resource> total, String role) {
    return has(total, role, "cpus", LiveScheduler.CPUS)
        && has(total, role, "mem", LiveScheduler.MEM)
        && has(total, role, "disk", LiveScheduler.DISK);
  }

  private static boolean has(List<Resource> total, String role, String name, double least) {
    return total.stream()
            .filter(resource -> resource.getName().equals(name) && isFor(resource, role))
            .mapToDouble(resource -> resource.getScalar().getValue())
            .sum()
        >= least * LiveScheduler.ROOM;
  }

  /** Reservations of a parent's role are offered to its children as well. */
  private static boolean isFor(Resource resource, String role) {
    String reserved =
        resource.getReservationsCount() > 0
            ? resource.getReservations(resource.getReservationsCount() - 1).getRole()
            : resource.getRole();
    return reserved.isEmpty()
        || reserved.equals("*")
        || reserved.equals(role)
        || role.startsWith(reserved + "/");
  }
}
