package io.springtide.partition.books;

import io.springtide.partition.answer.Reason;
import io.springtide.partition.model.BoundedRegex;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.JobDemand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One version of a job, its constraints compiled. Allocations point at the version that they were
 * made with, so a change of size never changes what an older instance holds.
 */
public final class JobState {
  public final JobDemand demand;
  public final GroupNode group;
  public final Subject self;

  /** The job itself and its labels. */
  public final Subject[] member;

  public final Each each;

  /** {@link #each} once more, for the inmost loops. */
  public final int[] dims;

  public final long[] need;
  public final List<AttributeFilter> filters = new ArrayList<>();
  public final List<NearRule> nears = new ArrayList<>();
  public final List<DomainRule> domains = new ArrayList<>();
  public int maxPerHost = DomainRule.UNBOUNDED;
  public int softMaxPerHost = DomainRule.UNBOUNDED;
  public boolean exclusive;
  public boolean softExclusive;

  /** Whether a hard rule sets it apart from others by more than the host. */
  public boolean wideApart;

  /** Whether any soft rule looks at single hosts. */
  public boolean softOnHost;

  /** Whether each placement may change which hosts its own rules allow or prefer. */
  public boolean nearItself;

  /** Whether a hard rule sets it near others, who may come later. */
  public boolean needsCompany;

  public final boolean ports;
  public final boolean gpus;
  int allocations;

  /** Whether it is the newest version of its job. */
  public boolean current = true;

  /** Whether instances may still be placed as this version, though there is a newer one. */
  public boolean kept;

  /** Whether it stands for what a lost executor may have left: charged to the host alone. */
  public final boolean remains;

  /**
   * @param group that is charged; null: none, since it is not the job but what is left of it
   */
  public JobState(
      JobDemand demand, GroupNode group, Subject self, Subject[] member, Dimensions columns) {
    this.demand = demand;
    this.group = group;
    this.self = self;
    this.member = member;
    long[] vector = columns.vector(demand.each());
    // Scalars by name: which column one has is a matter of who named it first.
    dims =
        IntStream.range(0, vector.length)
            .filter(d -> vector[d] > 0)
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer d) -> Math.min(d, Dimensions.GPUS + 1))
                    .thenComparing(columns::name))
            .mapToInt(Integer::intValue)
            .toArray();
    need = IntStream.of(dims).mapToLong(d -> vector[d]).toArray();
    each = new Each(dims, need);
    gpus = demand.each().gpus() > 0;
    remains = group == null;
    ports = demand.dynamicPorts() > 0 || !demand.fixedPorts().isEmpty();
  }

  /** A copy whose group and subjects are those of another cluster. */
  JobState(JobState from, GroupNode group, Function<Subject, Subject> subjects) {
    demand = from.demand;
    this.group = group;
    self = subjects.apply(from.self);
    member = Arrays.stream(from.member).map(subjects).toArray(Subject[]::new);
    each = from.each;
    dims = from.dims;
    need = from.need;
    ports = from.ports;
    gpus = from.gpus;
    remains = from.remains;
    from.filters.forEach(filter -> filters.add(new AttributeFilter(filter)));
    from.nears.forEach(near -> nears.add(near.between(subjects)));
    domains.addAll(from.domains);
    maxPerHost = from.maxPerHost;
    softMaxPerHost = from.softMaxPerHost;
    exclusive = from.exclusive;
    softExclusive = from.softExclusive;
    wideApart = from.wideApart;
    softOnHost = from.softOnHost;
    nearItself = from.nearItself;
    needsCompany = from.needsCompany;
    allocations = from.allocations;
    current = from.current;
    kept = from.kept;
  }

  public void compile(HostTable table, Function<String, Subject> subjects) {
    Compiler compiler = new Compiler(table, subjects);
    demand.constraints().forEach(constraint -> constraint.accept(compiler));
    softOnHost = softExclusive || softMaxPerHost < DomainRule.UNBOUNDED;
    for (AttributeFilter filter : filters) {
      softOnHost |= filter.soft;
    }
    for (NearRule near : nears) {
      softOnHost |= near.soft();
      wideApart |= near.negated() && !near.soft() && near.attribute() != Attributes.HOST;
      needsCompany |= !near.negated() && !near.soft();
    }
    // A rule of an earlier version, as long as that runs, holds for all of the job.
    for (Subject mine : member) {
      nearItself |= mine != self && mine.repelledBy.stream().anyMatch(r -> r.owner() == self);
    }
  }

  /** Whether a placement of its own may open hosts to it that were closed before. */
  public boolean movesWithItself() {
    boolean moves = nearItself;
    for (DomainRule rule : domains) {
      moves |= rule.hardSkew < DomainRule.UNBOUNDED;
    }
    return moves;
  }

  private void near(
      Subject target, String attribute, boolean negated, boolean soft, HostTable table) {
    nears.add(new NearRule(self, target, table.attribute(attribute), negated, soft));
    for (Subject mine : member) {
      nearItself |= mine == target;
    }
  }

  private void maxPer(Constraint.MaxPer c, HostTable table) {
    if (c.attribute().equals(Constraint.HOST)) {
      if (c.soft()) {
        softMaxPerHost = Math.min(softMaxPerHost, c.count());
      } else {
        maxPerHost = Math.min(maxPerHost, c.count());
      }
      return;
    }
    DomainRule rule = domain(c.attribute(), table);
    if (c.soft()) {
      rule.softMax = Math.min(rule.softMax, c.count());
    } else {
      rule.hardMax = Math.min(rule.hardMax, c.count());
    }
  }

  private void spread(Constraint.Spread c, HostTable table) {
    DomainRule rule = domain(c.attribute(), table);
    if (c.soft()) {
      rule.softSkew = Math.min(rule.softSkew, c.maxSkew());
    } else {
      rule.hardSkew = Math.min(rule.hardSkew, c.maxSkew());
    }
  }

  private DomainRule domain(String attribute, HostTable table) {
    int column = table.attribute(attribute);
    for (DomainRule rule : domains) {
      if (rule.attribute == column) {
        return rule;
      }
    }
    DomainRule rule = new DomainRule(column);
    domains.add(rule);
    return rule;
  }

  /** Makes rules of constraints, by which hosts are looked at. */
  private final class Compiler implements Constraint.Visitor<Void> {
    private final HostTable table;
    private final Function<String, Subject> subjects;

    Compiler(HostTable table, Function<String, Subject> subjects) {
      this.table = table;
      this.subjects = subjects;
    }

    @Override
    public Void on(Constraint.MaxPer c) {
      maxPer(c, table);
      return null;
    }

    @Override
    public Void on(Constraint.Spread c) {
      spread(c, table);
      return null;
    }

    @Override
    public Void on(Constraint.Match c) {
      Set<String> values = c.values();
      int attribute = table.attribute(c.attribute());
      filters.add(
          new AttributeFilter(attribute, c.soft(), c.negated(), Reason.MATCH, values::contains));
      return null;
    }

    @Override
    public Void on(Constraint.Like c) {
      BoundedRegex regex = new BoundedRegex(c.regex());
      int attribute = table.attribute(c.attribute());
      filters.add(new AttributeFilter(attribute, c.soft(), c.negated(), Reason.LIKE, regex));
      return null;
    }

    @Override
    public Void on(Constraint.Exclusive c) {
      exclusive |= !c.soft();
      softExclusive |= c.soft();
      return null;
    }

    @Override
    public Void on(Constraint.Near c) {
      near(subjects.apply(c.job()), c.attribute(), c.negated(), c.soft(), table);
      return null;
    }

    @Override
    public Void on(Constraint.NearLabel c) {
      Subject target = subjects.apply(Constraint.LABEL + c.label());
      near(target, c.attribute(), c.negated(), c.soft(), table);
      return null;
    }
  }
}
