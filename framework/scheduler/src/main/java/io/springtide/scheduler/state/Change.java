package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;

/**
 * A change of durable state. The log is a list of them; a snapshot is one too, of {@code …Put}s
 * only. Applying a change twice is the same as once.
 */
public sealed interface Change {
  /** Shows itself to the visitor. */
  void accept(Visitor visitor);

  /**
   * Whoever must know every kind of change: with a new one, none of them compiles until it does.
   */
  interface Visitor {
    void on(FrameworkIdSet change);

    void on(PoolPut change);

    void on(PoolRemoved change);

    void on(GroupPut change);

    void on(GroupRemoved change);

    void on(JobPut change);

    void on(JobRemoved change);

    void on(RunsPut change);

    void on(DeploymentPut change);

    void on(DeploymentRemoved change);

    void on(InstancePut change);

    void on(InstanceRemoved change);

    void on(HostPut change);

    void on(HostRemoved change);

    void on(OrderPut change);

    void on(OrderRemoved change);

    void on(GonePut change);

    void on(GoneRemoved change);

    void on(StrayPut change);

    void on(StrayRemoved change);

    void on(RemainsPut change);

    void on(RemainsRemoved change);

    void on(ReceiptPut change);

    void on(ReceiptRemoved change);

    void on(CounterSet change);
  }

  record FrameworkIdSet(String frameworkId) implements Change {
    public FrameworkIdSet {
      requireNonNull(frameworkId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record PoolPut(Pool pool, long version) implements Change {
    public PoolPut {
      requireNonNull(pool);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record PoolRemoved(String name) implements Change {
    public PoolRemoved {
      requireNonNull(name);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record GroupPut(Group group, long version) implements Change {
    public GroupPut {
      requireNonNull(group);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record GroupRemoved(String path) implements Change {
    public GroupRemoved {
      requireNonNull(path);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record JobPut(Job job) implements Change {
    public JobPut {
      requireNonNull(job);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** Of a job that is there; they go with it. */
  record RunsPut(Runs runs) implements Change {
    public RunsPut {
      requireNonNull(runs);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record JobRemoved(String id) implements Change {
    public JobRemoved {
      requireNonNull(id);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record DeploymentPut(Deployment deployment) implements Change {
    public DeploymentPut {
      requireNonNull(deployment);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record DeploymentRemoved(String job, long number) implements Change {
    public DeploymentRemoved {
      requireNonNull(job);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record InstancePut(Instance instance) implements Change {
    public InstancePut {
      requireNonNull(instance);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record InstanceRemoved(String id) implements Change {
    public InstanceRemoved {
      requireNonNull(id);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record HostPut(Host host) implements Change {
    public HostPut {
      requireNonNull(host);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record HostRemoved(String id) implements Change {
    public HostRemoved {
      requireNonNull(id);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record OrderPut(Order order) implements Change {
    public OrderPut {
      requireNonNull(order);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record OrderRemoved(String token) implements Change {
    public OrderRemoved {
      requireNonNull(token);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record GonePut(Gone gone) implements Change {
    public GonePut {
      requireNonNull(gone);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record GoneRemoved(String id) implements Change {
    public GoneRemoved {
      requireNonNull(id);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record StrayPut(Stray stray) implements Change {
    public StrayPut {
      requireNonNull(stray);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record StrayRemoved(String taskId) implements Change {
    public StrayRemoved {
      requireNonNull(taskId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record RemainsPut(Remains remains) implements Change {
    public RemainsPut {
      requireNonNull(remains);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record RemainsRemoved(String taskId) implements Change {
    public RemainsRemoved {
      requireNonNull(taskId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record ReceiptPut(Receipt receipt) implements Change {
    public ReceiptPut {
      requireNonNull(receipt);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record ReceiptRemoved(String asker, String key) implements Change {
    public ReceiptRemoved {
      requireNonNull(asker);
      requireNonNull(key);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** A counter that only rises: what was once given out is never given out again. */
  record CounterSet(String name, long value) implements Change {
    public CounterSet {
      requireNonNull(name);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }
}
