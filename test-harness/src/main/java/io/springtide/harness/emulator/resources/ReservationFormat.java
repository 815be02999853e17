package io.springtide.harness.emulator.resources;

import org.apache.mesos.v1.Protos.Resource;

/**
 * Reservations in both of Mesos' formats: the refined list that RESERVATION_REFINEMENT frameworks
 * use, and the older {@code role} and {@code reservation} fields.
 */
@SuppressWarnings("deprecation")
public final class ReservationFormat {

  private ReservationFormat() {}

  /** Whether a reservation is on it. */
  public static boolean reserved(Resource resource) {
    return resource.getReservationsCount() > 0;
  }

  /** The role of the innermost reservation; {@code *} where there is none. */
  public static String role(Resource resource) {
    int count = resource.getReservationsCount();
    return count == 0 ? "*" : resource.getReservations(count - 1).getRole();
  }

  /** From either format to the refined one. */
  public static Resource refined(Resource resource) {
    if (!resource.hasRole() && !resource.hasReservation()) {
      return resource;
    }
    Resource.Builder out = resource.toBuilder().clearRole().clearReservation();
    String role = resource.hasRole() ? resource.getRole() : "*";
    if (resource.hasReservation()) {
      out.addReservations(
          resource.getReservation().toBuilder()
              .setType(Resource.ReservationInfo.Type.DYNAMIC)
              .setRole(role));
    } else if (!role.equals("*")) {
      out.addReservationsBuilder().setType(Resource.ReservationInfo.Type.STATIC).setRole(role);
    }
    return out.build();
  }

  /** From the refined format to the older one; a refined reservation has none and stays. */
  public static Resource older(Resource resource) {
    if (resource.getReservationsCount() > 1) {
      return resource;
    }
    Resource.Builder out = resource.toBuilder().clearReservations().setRole(role(resource));
    if (resource.getReservationsCount() == 1
        && resource.getReservations(0).getType() == Resource.ReservationInfo.Type.DYNAMIC) {
      out.setReservation(resource.getReservations(0).toBuilder().clearType().clearRole());
    }
    return out.build();
  }

  /** What agents and the operator API print: the refined list and the older fields beside it. */
  public static Resource both(Resource resource) {
    if (resource.getReservationsCount() > 1) {
      return resource;
    }
    return older(resource).toBuilder().addAllReservations(resource.getReservationsList()).build();
  }
}
