package io.springtide.executor.contract;

/**
 * The names of the labels that we put on containers, tasks and task statuses. On a container they
 * say whose it is: only the labelled owner touches it.
 */
public final class Labels {
  private static final String PREFIX = "io.springtide.";

  /** Framework id. On every container. */
  public static final String FRAMEWORK = PREFIX + "framework";

  /**
   * Host of the agent: two agents (in a test, or in a nested setup) may share one engine. On every
   * container.
   */
  public static final String HOST = PREFIX + "host";

  /** Executor id. On every container. */
  public static final String EXECUTOR = PREFIX + "executor";

  /** Job id. On containers and tasks. */
  public static final String JOB = PREFIX + "job";

  /** Instance id, {@code weibo.feed.api#3}. On containers and tasks. */
  public static final String INSTANCE = PREFIX + "instance";

  /** Task id. On containers. */
  public static final String TASK = PREFIX + "task";

  /** The attempt's generation, decimal. On containers and tasks. */
  public static final String GENERATION = PREFIX + "generation";

  /** {@code main}, {@code canary}, or {@code tool:<name>}. On every container. */
  public static final String PART = PREFIX + "part";

  /** What a task is, {@code warden} or {@code instance}. On tasks. */
  public static final String KIND = PREFIX + "kind";

  /**
   * How an allocation is accounted, {@code guaranteed}, {@code borrowed} or {@code burst}. On
   * tasks.
   */
  public static final String ALLOCATION = PREFIX + "allocation";

  /**
   * The runtimes that a host has, comma-separated: {@code docker,process}. On the TASK_RUNNING
   * status of a warden.
   */
  public static final String RUNTIMES = PREFIX + "runtimes";

  /**
   * On a task: who ends it when its health check has failed too often. {@code reported}: the
   * framework; absent: the executor by itself, as one does that does not know this label. On a
   * status, {@code true}: that it has failed too often, and is for the framework to end.
   */
  public static final String CONDEMNED = PREFIX + "condemned";

  /** The value of {@link #CONDEMNED} on a task. */
  public static final String REPORTED = "reported";

  private Labels() {}
}
