package io.springtide.partition.oracle;

import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is placed, in a list, and every rule of the model checked by counting through that list. */
final class Ledger {
  /** One placed instance. */
  record Held(String instance, JobDemand job, HostSpec host, Label label, List<Integer> ports) {}

  private final World world;
  final Map<String, Held> held = new LinkedHashMap<>();

  Ledger(World world) {
    this.world = world;
  }

  /** Takes a placement over; returns what it breaks, empty if nothing. */
  List<String> add(JobDemand job, Placement p) {
    HostSpec host = world.hosts.get(p.host());
    List<String> broken = new ArrayList<>();
    if (!refusals(job, host, p.label()).isEmpty()) {
      broken.add(p + " breaks " + refusals(job, host, p.label()));
    }
    if (p.ports().size() != job.fixedPorts().size() + job.dynamicPorts()) {
      broken.add(p + " has the wrong number of ports");
    }
    for (Held other : held.values()) {
      if (on(other, host) && other.ports.stream().anyMatch(p.ports()::contains)) {
        broken.add(p + " shares a port with " + other);
      }
    }
    held.put(p.instance(), new Held(p.instance(), job, host, p.label(), p.ports()));
    return broken;
  }

  void remove(String instance) {
    held.remove(instance);
  }

  void relabel(String instance, Label label) {
    Held h = held.get(instance);
    held.put(instance, new Held(instance, h.job, h.host, label, h.ports));
  }

  /** Whether some host, quota and constraint would take one more instance of the job. */
  boolean someHostWouldTake(JobDemand job) {
    for (HostSpec host : world.hosts.values()) {
      if (!poolsOf(job).contains(host.pool())) {
        continue;
      }
      for (Label label : Label.values()) {
        if (refusals(job, host, label).isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Every rule that one more instance there with that label would break. */
  List<String> refusals(JobDemand job, HostSpec host, Label label) {
    List<String> no = new ArrayList<>();
    if (host.condition() != HostCondition.READY) {
      no.add("condition");
    }
    Resources usable = host.capacity().minusOrZero(host.overhead());
    Resources wanted = usedOn(host).plus(job.each());
    Map<String, Long> shared = world.pools.get(host.pool()).shared();
    for (String dimension : dimensions(wanted)) {
      boolean ofHost = !shared.containsKey(dimension);
      if (ofHost && job.each().amount(dimension) > 0) {
        if (wanted.amount(dimension) > usable.amount(dimension)) {
          no.add("capacity");
        }
      }
    }
    for (String scalar : shared.keySet()) {
      long inPool = job.each().scalar(scalar);
      for (Held h : held.values()) {
        inPool += at(h).pool().equals(host.pool()) ? h.job.each().scalar(scalar) : 0;
      }
      if (job.each().scalar(scalar) > 0 && inPool > shared.get(scalar)) {
        no.add("shared " + scalar);
      }
    }
    if (label == Label.BORROWED && onBuffer(host)) {
      no.add("buffer");
    }
    ports(job, host, no);
    quota(job, host, label, no);
    for (Constraint constraint : job.constraints()) {
      if (!constraint.soft() && !allows(constraint, job, host)) {
        no.add(constraint.toString());
      }
    }
    for (Held other : held.values()) {
      boolean itself = other.job.id().equals(job.id());
      if (!itself
          && on(other, host)
          && other.job.constraints().stream()
              .anyMatch(c -> c instanceof Constraint.Exclusive && !c.soft())) {
        no.add("exclusive to " + other.job.id());
      }
      for (Constraint c : rulesOf(other.job.id())) {
        if (c instanceof Constraint.Near near
            && near.negated()
            && !itself
            && near.job().equals(job.id())
            && together(host, at(other), near.attribute())) {
          no.add(other.job.id() + " must be apart");
        }
        if (c instanceof Constraint.NearLabel near
            && near.negated()
            && job.labels().contains(near.label())
            && together(host, at(other), near.attribute())) {
          no.add(other.job.id() + " must be apart from the label");
        }
      }
    }
    return no;
  }

  /** The hard rules of a job, and of its earlier versions as long as anything runs in them. */
  private List<Constraint> rulesOf(String job) {
    Set<JobDemand> versions = new HashSet<>();
    held.values().stream().map(Held::job).filter(v -> v.id().equals(job)).forEach(versions::add);
    if (world.jobs.containsKey(job)) {
      versions.add(world.jobs.get(job));
    }
    return versions.stream().flatMap(v -> v.constraints().stream()).filter(c -> !c.soft()).toList();
  }

  /** The pools that the job may use. */
  private Set<String> poolsOf(JobDemand job) {
    Set<String> pools = new TreeSet<>(world.groups.get(job.group()).quotas().keySet());
    if (!job.pools().isEmpty()) {
      pools.retainAll(job.pools());
    }
    return pools;
  }

  /** The host of an instance as it is now. */
  private HostSpec at(Held h) {
    return world.hosts.get(h.host.id());
  }

  private static boolean on(Held h, HostSpec host) {
    return h.host.id().equals(host.id());
  }

  private boolean together(HostSpec one, HostSpec other, String attribute) {
    String value = value(one, attribute);
    return value != null && value.equals(value(other, attribute));
  }

  private static Set<String> dimensions(Resources resources) {
    Set<String> names = new TreeSet<>(List.of("cpus", "memoryMiB", "diskMiB", "gpus"));
    names.addAll(resources.scalars().keySet());
    return names;
  }

  /** Whether the host is one of the empty ones that the pool's buffer still needs. */
  private boolean onBuffer(HostSpec host) {
    int ready = 0;
    int empty = 0;
    for (HostSpec other : world.hosts.values()) {
      if (other.pool().equals(host.pool()) && other.condition() == HostCondition.READY) {
        ready++;
        empty += isEmpty(other) ? 1 : 0;
      }
    }
    Buffer buffer = world.pools.get(host.pool()).buffer();
    int kept = buffer.hosts() > 0 ? buffer.hosts() : (ready * buffer.percent() + 99) / 100;
    return isEmpty(host) && empty <= Math.min(kept, ready);
  }

  private boolean isEmpty(HostSpec host) {
    return held.values().stream().noneMatch(h -> on(h, host));
  }

  private void ports(JobDemand job, HostSpec host, List<String> no) {
    List<Integer> taken = new ArrayList<>();
    held.values().stream().filter(h -> on(h, host)).forEach(h -> taken.addAll(h.ports));
    long free =
        host.ports().stream()
            .filter(p -> !taken.contains(p) && !job.fixedPorts().contains(p))
            .count();
    if (job.fixedPorts().stream().anyMatch(taken::contains) || free < job.dynamicPorts()) {
      no.add("ports");
    }
  }

  private void quota(JobDemand job, HostSpec host, Label label, List<String> no) {
    String pool = host.pool();
    boolean committed = world.pools.get(pool).committed();
    Group group = world.groups.get(job.group());
    if (!group.quotas().containsKey(pool)) {
      no.add("no quota");
      return;
    }
    for (String path = job.group(); !path.isEmpty(); path = parent(path)) {
      Group level = world.groups.get(path);
      if (!covers(level.quotas().get(pool).limit(), used(path, pool, null), job.each())) {
        no.add("limit of " + path);
      }
      if (!covers(level.totalLimit(), used(path, null, null), job.each())) {
        no.add("total limit of " + path);
      }
    }
    if (committed != (label != Label.BURST)) {
      no.add("label");
      return;
    }
    boolean fits = covers(ownGuarantee(group, pool), own(job.group(), pool), job.each());
    if (label == Label.GUARANTEED && !fits) {
      no.add("guarantee");
    }
    if (label == Label.BORROWED && fits) {
      no.add("would be guaranteed");
    }
    if (label == Label.BORROWED && !job.reclaimable()) {
      no.add("not reclaimable");
    }
    if (label == Label.BORROWED && !lent(pool, job.each())) {
      no.add("not lent");
    }
  }

  /** Whether one more fits, in all that it takes anything of. */
  static boolean covers(Resources most, Resources used, Resources each) {
    return dimensions(each).stream()
        .filter(d -> each.amount(d) > 0)
        .allMatch(d -> used.amount(d) + each.amount(d) <= most.amount(d));
  }

  private static boolean covers(Limit most, Resources used, Resources each) {
    return most.dimensions().entrySet().stream()
        .filter(e -> each.amount(e.getKey()) > 0)
        .allMatch(e -> used.amount(e.getKey()) + each.amount(e.getKey()) <= e.getValue());
  }

  /** A group's guarantee without what it hands on to the groups below, as far as it is kept. */
  Resources ownGuarantee(Group group, String pool) {
    if (!group.quotas().containsKey(pool)) {
      return Resources.ZERO;
    }
    Resources own = group.quotas().get(pool).guarantee();
    for (Group child : world.groups.values()) {
      if (parent(child.path()).equals(group.path()) && child.quotas().containsKey(pool)) {
        own = own.minusOrZero(child.quotas().get(pool).guarantee());
      }
    }
    TreeMap<String, Long> scalars = new TreeMap<>();
    own.scalars().forEach((name, amount) -> scalars.put(name, kept(pool, name, amount)));
    return new Resources(
        kept(pool, "cpus", own.cpuMillis()),
        kept(pool, "memoryMiB", own.memoryMiB()),
        kept(pool, "diskMiB", own.diskMiB()),
        kept(pool, "gpus", own.gpus()),
        scalars);
  }

  /** What a pool that has lost hosts keeps of a promise: the same proportion for everybody. */
  private long kept(String pool, String dimension, long promise) {
    long there = 0;
    for (HostSpec host : world.hosts.values()) {
      boolean gone =
          host.condition() == HostCondition.LOST || host.condition() == HostCondition.RELEASED;
      if (host.pool().equals(pool) && !gone) {
        there += host.capacity().minusOrZero(host.overhead()).amount(dimension);
      }
    }
    there = world.pools.get(pool).shared().getOrDefault(dimension, there);
    long promised = 0;
    for (Group group : world.groups.values()) {
      if (parent(group.path()).isEmpty() && group.quotas().containsKey(pool)) {
        promised += group.quotas().get(pool).guarantee().amount(dimension);
      }
    }
    return promised <= there ? promise : promise * there / promised;
  }

  /** What is free must still cover what is never lent and not used by its owner. */
  private boolean lent(String pool, Resources each) {
    boolean all = true;
    for (Group group : world.groups.values()) {
      Quota quota = group.quotas().get(pool);
      all &= quota == null || quota.guarantee().equals(quota.lendable());
    }
    if (all) {
      return true;
    }
    for (String dimension : dimensions(each)) {
      long need = each.amount(dimension);
      if (need == 0) {
        continue;
      }
      long free = 0;
      for (HostSpec host : world.hosts.values()) {
        if (host.pool().equals(pool) && host.condition() == HostCondition.READY) {
          long usable = host.capacity().minusOrZero(host.overhead()).amount(dimension);
          // A host that shrank under its work has nothing free, and takes nothing from others.
          free += Math.max(0, usable - usedOn(host).amount(dimension));
        }
      }
      if (world.pools.get(pool).shared().containsKey(dimension)) {
        free = world.pools.get(pool).shared().get(dimension);
        for (Held h : held.values()) {
          free -= at(h).pool().equals(pool) ? h.job.each().amount(dimension) : 0;
        }
      }
      for (Group group : world.groups.values()) {
        if (parent(group.path()).isEmpty()) {
          free -= Math.max(0, reserve(group, pool, dimension));
        }
      }
      if (free < need) {
        return false;
      }
    }
    return true;
  }

  private long reserve(Group group, String pool, String dimension) {
    long below = 0;
    for (Group child : world.groups.values()) {
      if (parent(child.path()).equals(group.path())) {
        below += reserve(child, pool, dimension);
      }
    }
    Quota quota = group.quotas().get(pool);
    if (quota == null) {
      return below;
    }
    long never = quota.guarantee().amount(dimension) - quota.lendable().amount(dimension);
    never = kept(pool, dimension, never);
    long used = used(group.path(), pool, Label.GUARANTEED).amount(dimension);
    return Math.max(below, never - used);
  }

  private boolean allows(Constraint constraint, JobDemand job, HostSpec host) {
    if (constraint instanceof Constraint.MaxPer c) {
      String value = value(host, c.attribute());
      return value != null && count(job.id(), c.attribute(), value) < c.count();
    }
    if (constraint instanceof Constraint.Match c) {
      String value = value(host, c.attribute());
      return (value != null && c.values().contains(value)) != c.negated();
    }
    if (constraint instanceof Constraint.Like c) {
      String value = value(host, c.attribute());
      return (value != null && value.matches(c.regex())) != c.negated();
    }
    if (constraint instanceof Constraint.Exclusive) {
      return held.values().stream().noneMatch(h -> on(h, host) && !h.job.id().equals(job.id()));
    }
    if (constraint instanceof Constraint.Near c) {
      String value = value(host, c.attribute());
      boolean near = value != null && count(c.job(), c.attribute(), value) > 0;
      boolean first =
          value != null
              && c.job().equals(job.id())
              && held.values().stream().noneMatch(h -> h.job.id().equals(job.id()));
      return (near || (first && !c.negated())) != c.negated();
    }
    if (constraint instanceof Constraint.NearLabel c) {
      String value = value(host, c.attribute());
      boolean near =
          value != null
              && held.values().stream()
                  .anyMatch(
                      h ->
                          h.job.labels().contains(c.label())
                              && value.equals(value(at(h), c.attribute())));
      return near != c.negated();
    }
    if (constraint instanceof Constraint.Spread c) {
      return even(c, job, host);
    }
    throw new IllegalArgumentException("unknown constraint " + constraint);
  }

  private boolean even(Constraint.Spread c, JobDemand job, HostSpec host) {
    String mine = value(host, c.attribute());
    if (mine == null) {
      return false;
    }
    Map<String, Long> counts = new TreeMap<>();
    for (HostSpec other : world.hosts.values()) {
      String value = value(other, c.attribute());
      boolean matches =
          job.constraints().stream()
              .filter(x -> !x.soft())
              .filter(x -> x instanceof Constraint.Match || x instanceof Constraint.Like)
              .allMatch(x -> allows(x, job, other));
      boolean pool = poolsOf(job).contains(other.pool());
      if (value != null && matches && pool && other.condition() == HostCondition.READY) {
        counts.put(value, count(job.id(), c.attribute(), value));
      }
    }
    long lowest = counts.values().stream().min(Long::compare).orElse(0L);
    return count(job.id(), c.attribute(), mine) + 1 - lowest <= c.maxSkew();
  }

  private long count(String job, String attribute, String value) {
    return held.values().stream()
        .filter(h -> h.job.id().equals(job) && value.equals(value(at(h), attribute)))
        .count();
  }

  private String value(HostSpec host, String attribute) {
    String zone = world.pools.get(host.pool()).zone();
    return switch (attribute) {
      case "host" -> host.id();
      case "pool" -> host.pool();
      case "zone" -> zone.isEmpty() ? host.attributes().get(attribute) : zone;
      default -> host.attributes().get(attribute);
    };
  }

  Resources usedOn(HostSpec host) {
    Resources sum = Resources.ZERO;
    for (Held h : held.values()) {
      sum = on(h, host) ? sum.plus(h.job.each()) : sum;
    }
    return sum;
  }

  /** Held by the group and those below, in a pool or all (null), with a label or any (null). */
  Resources used(String path, String pool, Label label) {
    Resources sum = Resources.ZERO;
    for (Held h : held.values()) {
      boolean below = (h.job.group() + ".").startsWith(path + ".");
      boolean there = pool == null || at(h).pool().equals(pool);
      if (below && there && (label == null || h.label == label)) {
        sum = sum.plus(h.job.each());
      }
    }
    return sum;
  }

  Resources own(String path, String pool) {
    Resources sum = Resources.ZERO;
    for (Held h : held.values()) {
      if (h.job.group().equals(path) && at(h).pool().equals(pool) && h.label == Label.GUARANTEED) {
        sum = sum.plus(h.job.each());
      }
    }
    return sum;
  }

  static String parent(String path) {
    int dot = path.lastIndexOf('.');
    return dot < 0 ? "" : path.substring(0, dot);
  }
}
