package io.springtide.partition.books;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The hosts, one row each, a column per fact. {@code left} is what our records leave for instances:
 * capacity less overhead less allocations; it goes below zero when a host shrinks under its work.
 */
public final class HostTable {
  static final byte NEVER = 0;
  public static final byte SOON = 1;
  public static final byte NOW = 2;

  final Dimensions dimensions;
  public final Attributes attributes;

  public HostSpec[] spec = new HostSpec[Columns.FIRST_ROWS];
  public PoolState[] pool = new PoolState[Columns.FIRST_ROWS];
  public boolean[] offered = new boolean[Columns.FIRST_ROWS];

  /** Whether the host takes work now or will: {@link #NEVER}, {@link #SOON} or {@link #NOW}. */
  public byte[] takesWork = new byte[Columns.FIRST_ROWS];

  public int[] instances = new int[Columns.FIRST_ROWS];

  /** First allocation on the host, or -1. */
  public int[] head = new int[Columns.FIRST_ROWS];

  /** The subject of the job that has the host to itself by a hard constraint, or null. */
  public Subject[] exclusive = new Subject[Columns.FIRST_ROWS];

  /** Whether the host is being emptied for its pool's buffer: then it takes no borrowed work. */
  public boolean[] keptForBuffer = new boolean[Columns.FIRST_ROWS];

  public long[][] left = new long[0][];
  public long[][] offer = new long[0][];

  /** What our records leave but the last offer did not hold: others have it, as far as we know. */
  public long[][] foreign = new long[0][];

  /** How many hosts have anything {@link #foreign}. */
  public int foreigners;

  private boolean[] hasForeign = new boolean[Columns.FIRST_ROWS];

  /** When the host is opened among the empty ones of its pool, from 0 for first to below 1. */
  public double[] opening = new double[Columns.FIRST_ROWS];

  public double[] inverseCpus = new double[Columns.FIRST_ROWS];
  public double[] inverseMemory = new double[Columns.FIRST_ROWS];

  private HostPorts[] ports = new HostPorts[Columns.FIRST_ROWS];

  private final Map<String, Integer> rows;
  private int[] freeRows = new int[16];
  private int freeCount;
  private int size;

  HostTable(Dimensions dimensions) {
    this.dimensions = dimensions;
    attributes = new Attributes();
    rows = new HashMap<>();
    dimensionsGrew();
  }

  HostTable(
      HostTable from,
      Dimensions dimensions,
      Function<PoolState, PoolState> pools,
      Function<Subject, Subject> subjects) {
    this.dimensions = dimensions;
    attributes = new Attributes(from.attributes);
    rows = new HashMap<>(from.rows);
    spec = from.spec.clone();
    pool = new PoolState[from.pool.length];
    exclusive = new Subject[from.exclusive.length];
    ports = new HostPorts[from.ports.length];
    for (int h = 0; h < from.size; h++) {
      pool[h] = from.pool[h] == null ? null : pools.apply(from.pool[h]);
      exclusive[h] = from.exclusive[h] == null ? null : subjects.apply(from.exclusive[h]);
      ports[h] = from.ports[h] == null ? null : new HostPorts(from.ports[h]);
    }
    offered = from.offered.clone();
    takesWork = from.takesWork.clone();
    instances = from.instances.clone();
    head = from.head.clone();
    keptForBuffer = from.keptForBuffer.clone();
    left = Columns.copy(from.left);
    offer = Columns.copy(from.offer);
    foreign = Columns.copy(from.foreign);
    foreigners = from.foreigners;
    hasForeign = from.hasForeign.clone();
    opening = from.opening.clone();
    inverseCpus = from.inverseCpus.clone();
    inverseMemory = from.inverseMemory.clone();
    freeRows = from.freeRows.clone();
    freeCount = from.freeCount;
    size = from.size;
  }

  public int find(String id) {
    Integer row = rows.get(id);
    return row == null ? -1 : row;
  }

  public int size() {
    return size;
  }

  /** A row for a new host; its columns are filled by {@link #describe}. */
  public int add(HostSpec host) {
    int h = freeCount > 0 ? freeRows[--freeCount] : size++;
    if (h >= spec.length) {
      grow(h * 2);
    }
    rows.put(host.id(), h);
    offered[h] = false;
    instances[h] = 0;
    head[h] = -1;
    exclusive[h] = null;
    keptForBuffer[h] = false;
    ports[h] = new HostPorts(host.ports());
    for (int d = 0; d < left.length; d++) {
      left[d][h] = 0;
      offer[d][h] = 0;
      foreign[d][h] = 0;
    }
    hasForeign[h] = false;
    return h;
  }

  /** Takes over what is offered, and learns from it what others hold. */
  public void offer(int h, long[] amounts, PortRanges offeredPorts) {
    boolean any = false;
    for (int d = 0; d < offer.length; d++) {
      offer[d][h] = Dimensions.at(amounts, d);
      boolean shared = d > Dimensions.GPUS && pool[h].shares(d);
      foreign[d][h] = shared ? 0 : Math.max(0, left[d][h] - offer[d][h]);
      any |= foreign[d][h] > 0;
    }
    markForeign(h, any);
    ports[h].offer(offeredPorts);
    offered[h] = true;
  }

  /** The host's own ports that nothing holds by our records; only to be looked at. */
  public PortSet freePorts(int h) {
    return ports[h].free();
  }

  /** Those of them that are offered; only to be looked at. */
  public PortSet offeredPorts(int h) {
    return ports[h].freeAndOffered();
  }

  /** Whether something holds a fixed port that is not one of the host's own. */
  public boolean heldOutside(int h, int port) {
    return ports[h].heldOutside(port);
  }

  /** Ports are held from now on; {@code usesOffer}: they are taken from the offer too. */
  void takePorts(int h, int[] taken, boolean usesOffer) {
    for (int port : taken) {
      ports[h].take(port, usesOffer);
    }
  }

  /** Nothing holds the ports any more. */
  void givePorts(int h, int[] given) {
    for (int port : given) {
      ports[h].give(port);
    }
  }

  private void markForeign(int h, boolean any) {
    foreigners += (any ? 1 : 0) - (hasForeign[h] ? 1 : 0);
    hasForeign[h] = any;
  }

  public void remove(int h) {
    markForeign(h, false);
    rows.remove(spec[h].id());
    spec[h] = null;
    pool[h] = null;
    ports[h] = null;
    for (int a = 1; a < attributes.count(); a++) {
      attributes.set(a, h, null);
    }
    if (freeCount == freeRows.length) {
      freeRows = Arrays.copyOf(freeRows, freeCount * 2);
    }
    freeRows[freeCount++] = h;
  }

  /** Takes over a host's facts; what its allocations hold stays deducted. */
  public void describe(int h, HostSpec next, PoolState in) {
    HostSpec old = spec[h];
    long[] had = old == null ? new long[0] : usable(old);
    long[] has = usable(next);
    dimensionsGrew();
    for (int d = 0; d < left.length; d++) {
      left[d][h] += Dimensions.at(has, d) - Dimensions.at(had, d);
    }
    ports[h].describe(next.ports());
    spec[h] = next;
    pool[h] = in;
    takesWork[h] =
        switch (next.condition()) {
          case READY -> NOW;
          case PROVISIONING, INITIALISING -> SOON;
          default -> NEVER;
        };
    inverseCpus[h] = has[Dimensions.CPUS] > 0 ? 1.0 / has[Dimensions.CPUS] : 0;
    inverseMemory[h] = has[Dimensions.MEMORY] > 0 ? 1.0 / has[Dimensions.MEMORY] : 0;
    for (int a = 1; a < attributes.count(); a++) {
      attributes.set(a, h, attributeOf(h, attributes.name(a)));
    }
  }

  /** The column of an attribute, filled for all hosts when it is asked for first. */
  int attribute(String name) {
    int known = attributes.find(name);
    if (known >= 0) {
      return known;
    }
    int a = attributes.add(name, spec.length);
    for (int h = 0; h < size; h++) {
      if (spec[h] != null) {
        attributes.set(a, h, attributeOf(h, name));
      }
    }
    return a;
  }

  /** What an empty host has of cpus, memory or GPUs for instances. */
  public long size(int h, int d) {
    HostSpec host = spec[h];
    return switch (d) {
      case Dimensions.CPUS ->
          Math.max(0, host.capacity().cpuMillis() - host.overhead().cpuMillis());
      case Dimensions.MEMORY ->
          Math.max(0, host.capacity().memoryMiB() - host.overhead().memoryMiB());
      default -> Math.max(0, host.capacity().gpus() - host.overhead().gpus());
    };
  }

  /** What the host has for instances when it is empty. */
  public long[] usable(HostSpec host) {
    return dimensions.vector(host.capacity().minusOrZero(host.overhead()));
  }

  public void dimensionsGrew() {
    int old = left.length;
    if (old == dimensions.count()) {
      return;
    }
    left = Arrays.copyOf(left, dimensions.count());
    offer = Arrays.copyOf(offer, dimensions.count());
    foreign = Arrays.copyOf(foreign, dimensions.count());
    for (int d = old; d < left.length; d++) {
      left[d] = new long[spec.length];
      offer[d] = new long[spec.length];
      foreign[d] = new long[spec.length];
    }
  }

  /** The text of any attribute of a host, also of one that has no column; null if it lacks it. */
  public String text(int h, String name) {
    return name.equals(Constraint.HOST) ? spec[h].id() : attributeOf(h, name);
  }

  private String attributeOf(int h, String name) {
    Pool of = pool[h].pool;
    if (name.equals("pool")) {
      return of.name();
    }
    if (name.equals("zone") && !of.zone().isEmpty()) {
      return of.zone();
    }
    return spec[h].attributes().get(name);
  }

  private void grow(int rowCount) {
    spec = Arrays.copyOf(spec, rowCount);
    pool = Arrays.copyOf(pool, rowCount);
    offered = Arrays.copyOf(offered, rowCount);
    keptForBuffer = Arrays.copyOf(keptForBuffer, rowCount);
    hasForeign = Arrays.copyOf(hasForeign, rowCount);
    takesWork = Arrays.copyOf(takesWork, rowCount);
    instances = Arrays.copyOf(instances, rowCount);
    head = Arrays.copyOf(head, rowCount);
    exclusive = Arrays.copyOf(exclusive, rowCount);
    opening = Arrays.copyOf(opening, rowCount);
    inverseCpus = Arrays.copyOf(inverseCpus, rowCount);
    inverseMemory = Arrays.copyOf(inverseMemory, rowCount);
    ports = Arrays.copyOf(ports, rowCount);
    for (int d = 0; d < left.length; d++) {
      left[d] = Arrays.copyOf(left[d], rowCount);
      offer[d] = Arrays.copyOf(offer[d], rowCount);
      foreign[d] = Arrays.copyOf(foreign[d], rowCount);
    }
    attributes.rows(rowCount);
  }
}
