package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;

/**
 * A change of durable state. The log is a list of them; a snapshot is one too, of {@code …Put}s
 * only. Applying a change twice is the same as once.
 */
public sealed interface Change {
  record FrameworkIdSet(String frameworkId) implements Change {
    public FrameworkIdSet {
      requireNonNull(frameworkId);
    }
  }

  record PoolPut(Pool pool, long version) implements Change {
    public PoolPut {
      requireNonNull(pool);
    }
  }

  record PoolRemoved(String name) implements Change {
    public PoolRemoved {
      requireNonNull(name);
    }
  }

  record GroupPut(Group group, long version) implements Change {
    public GroupPut {
      requireNonNull(group);
    }
  }

  record GroupRemoved(String path) implements Change {
    public GroupRemoved {
      requireNonNull(path);
    }
  }

  record JobPut(Job job) implements Change {
    public JobPut {
      requireNonNull(job);
    }
  }

  record JobRemoved(String id) implements Change {
    public JobRemoved {
      requireNonNull(id);
    }
  }

  record InstancePut(Instance instance) implements Change {
    public InstancePut {
      requireNonNull(instance);
    }
  }

  record InstanceRemoved(String id) implements Change {
    public InstanceRemoved {
      requireNonNull(id);
    }
  }

  record HostPut(Host host) implements Change {
    public HostPut {
      requireNonNull(host);
    }
  }

  record HostRemoved(String id) implements Change {
    public HostRemoved {
      requireNonNull(id);
    }
  }

  record OrderPut(Order order) implements Change {
    public OrderPut {
      requireNonNull(order);
    }
  }

  record OrderRemoved(String token) implements Change {
    public OrderRemoved {
      requireNonNull(token);
    }
  }

  record GonePut(Gone gone) implements Change {
    public GonePut {
      requireNonNull(gone);
    }
  }

  record GoneRemoved(String id) implements Change {
    public GoneRemoved {
      requireNonNull(id);
    }
  }

  record StrayPut(Stray stray) implements Change {
    public StrayPut {
      requireNonNull(stray);
    }
  }

  record StrayRemoved(String taskId) implements Change {
    public StrayRemoved {
      requireNonNull(taskId);
    }
  }

  record RemainsPut(Remains remains) implements Change {
    public RemainsPut {
      requireNonNull(remains);
    }
  }

  record RemainsRemoved(String taskId) implements Change {
    public RemainsRemoved {
      requireNonNull(taskId);
    }
  }

  /** A counter that only rises: what was once given out is never given out again. */
  record CounterSet(String name, long value) implements Change {
    public CounterSet {
      requireNonNull(name);
    }
  }
}
