package io.springtide.server.mesos;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/**
 * The resources of one agent's offers, from which tasks take exactly what was offered: the same
 * reservations, the same allocation. What is reserved to us goes first, so that what is left over
 * and given back is what others could use too.
 *
 * <p>Scalars are thousandths, as Mesos itself counts them: no drift.
 */
final class OfferedRoom {
  private static final long MILLI = 1000;

  private final List<Piece> pieces = new ArrayList<>();

  /** A resource and what is left of it. */
  private static final class Piece {
    final Resource resource;
    long milli;
    PortRanges ports = PortRanges.NONE;

    Piece(Resource resource) {
      this.resource = resource;
      if (resource.getType() == Value.Type.RANGES) {
        ports = ports(resource);
      } else {
        milli = Math.round(resource.getScalar().getValue() * MILLI);
      }
    }
  }

  OfferedRoom(List<Resource> resources) {
    resources.stream()
        .filter(OfferedRoom::ordinary)
        .sorted(Comparator.comparing(resource -> resource.getReservationsCount() == 0))
        .forEach(resource -> pieces.add(new Piece(resource)));
  }

  /** Room that is not ours for good: what may be revoked, or is somebody's volume or device. */
  private static boolean ordinary(Resource resource) {
    return !resource.hasRevocable()
        && !resource.hasShared()
        && !resource.hasDisk()
        && !resource.hasProviderId();
  }

  /** All of it, as the core counts. */
  Resources total() {
    return total(piece -> true);
  }

  /** What of it is not reserved to that very role: a role above it shares what it has. */
  Resources notReservedTo(String role) {
    return total(piece -> !reservedTo(role, piece.resource));
  }

  private static boolean reservedTo(String role, Resource resource) {
    int last = resource.getReservationsCount() - 1;
    return last >= 0 && resource.getReservations(last).getRole().equals(role);
  }

  private Resources total(Predicate<Piece> which) {
    TreeMap<String, Long> milli = new TreeMap<>();
    for (Piece piece : pieces) {
      if (piece.resource.getType() == Value.Type.SCALAR && which.test(piece)) {
        milli.merge(piece.resource.getName(), piece.milli, Long::sum);
      }
    }
    long cpus = take(milli, "cpus");
    long memory = take(milli, "mem") / MILLI;
    long disk = take(milli, "disk") / MILLI;
    long gpus = take(milli, "gpus") / MILLI;
    milli.replaceAll((name, amount) -> amount / MILLI);
    return new Resources(cpus, memory, disk, gpus, milli);
  }

  private static long take(Map<String, Long> amounts, String name) {
    Long amount = amounts.remove(name);
    return amount == null ? 0 : amount;
  }

  PortRanges ports() {
    PortRanges all = PortRanges.NONE;
    for (Piece piece : pieces) {
      all = all.plus(piece.ports);
    }
    return all;
  }

  /**
   * Takes resources and ports.
   *
   * @return the very pieces, for TaskInfo.resources
   * @throws Lacking if there is not enough; then nothing is taken
   */
  List<Resource> take(Resources need, List<Integer> ports) throws Lacking {
    List<Taken> taken = new ArrayList<>();
    try {
      take("cpus", need.cpuMillis(), taken);
      take("mem", need.memoryMiB() * MILLI, taken);
      take("disk", need.diskMiB() * MILLI, taken);
      take("gpus", need.gpus() * MILLI, taken);
      for (var scalar : need.scalars().entrySet()) {
        take(scalar.getKey(), scalar.getValue() * MILLI, taken);
      }
      takePorts(ports, taken);
    } catch (Lacking e) {
      taken.forEach(Taken::giveBack);
      throw e;
    }
    return taken.stream().map(Taken::asResource).toList();
  }

  private void take(String name, long milli, List<Taken> taken) throws Lacking {
    long missing = milli;
    for (Piece piece : pieces) {
      if (missing > 0
          && piece.milli > 0
          && piece.resource.getType() == Value.Type.SCALAR
          && piece.resource.getName().equals(name)) {
        long part = Math.min(missing, piece.milli);
        piece.milli -= part;
        missing -= part;
        taken.add(new Taken(piece, part, List.of()));
      }
    }
    if (missing > 0) {
      throw new Lacking(
          "the offer lacks "
              + missing / (double) MILLI
              + " of "
              + milli / (double) MILLI
              + " "
              + name);
    }
  }

  /**
   * A port that is not offered lies outside the range that the agent gives out: Mesos knows nothing
   * of it, and the core's records alone keep it from being used twice.
   */
  private void takePorts(List<Integer> wanted, List<Taken> taken) {
    for (Piece piece : pieces) {
      List<Integer> here = wanted.stream().filter(piece.ports::contains).sorted().toList();
      if (!here.isEmpty()) {
        piece.ports = piece.ports.minus(here);
        taken.add(new Taken(piece, 0, here));
      }
    }
  }

  /** A part of a piece. */
  private record Taken(Piece piece, long milli, List<Integer> ports) {
    Resource asResource() {
      Resource.Builder part = piece.resource.toBuilder();
      if (ports.isEmpty()) {
        return part.setScalar(Value.Scalar.newBuilder().setValue(milli / (double) MILLI)).build();
      }
      Value.Ranges.Builder ranges = Value.Ranges.newBuilder();
      for (PortRanges.Range range : PortRanges.of(ports).ranges()) {
        ranges.addRange(Value.Range.newBuilder().setBegin(range.begin()).setEnd(range.end()));
      }
      return part.setRanges(ranges).build();
    }

    void giveBack() {
      piece.milli += milli;
      if (!ports.isEmpty()) {
        piece.ports = piece.ports.plus(PortRanges.of(ports));
      }
    }
  }

  private static PortRanges ports(Resource resource) {
    if (!resource.getName().equals("ports")) {
      return PortRanges.NONE;
    }
    List<PortRanges.Range> ranges = new ArrayList<>();
    for (Value.Range range : resource.getRanges().getRangeList()) {
      int begin = (int) Math.max(1, range.getBegin());
      int end = (int) Math.min(65535, range.getEnd());
      if (begin <= end) {
        ranges.add(new PortRanges.Range(begin, end));
      }
    }
    return new PortRanges(ranges);
  }

  /** There is less than was to be taken. */
  static final class Lacking extends Exception {
    private static final long serialVersionUID = 1L;

    Lacking(String message) {
      super(message);
    }
  }
}
