package io.springtide.executor.runtime;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.api.model.VolumesFrom;
import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Pull, create, start: the main container first, then the tools that share its network and volumes.
 */
final class DockerStart implements Start {
  private static final int SHARES_PER_CPU = 1024; // as Mesos' own containerizers
  private static final int MIN_SHARES = 2; // of the kernel
  private static final long QUOTA_PERIOD_MICROS = 100_000;

  private final ScheduledExecutorService workers;
  private final Owner owner;
  private final ContainerSetup setup;
  private final Consumer<DockerContainer> born;
  private final CompletableFuture<Container> container;
  private volatile DockerPull pull;
  private volatile boolean cancelled;

  /**
   * @param born is told of the container before it is started, so that no exit goes unnoticed
   */
  DockerStart(
      Supplier<DockerEngine> connect,
      ScheduledExecutorService workers,
      Owner owner,
      ContainerSetup setup,
      Consumer<DockerContainer> born) {
    this.workers = workers;
    this.owner = owner;
    this.setup = setup;
    this.born = born;
    this.container =
        CompletableFuture.supplyAsync(connect, workers)
            .thenCompose(engine -> images(engine).thenApplyAsync(x -> create(engine), workers));
  }

  @Override
  public CompletionStage<Container> container() {
    return container;
  }

  @Override
  public String progress() {
    var now = pull;
    return now == null ? "" : now.progress();
  }

  @Override
  public void cancel() {
    cancelled = true;
    var now = pull;
    if (now != null) {
      now.cancel();
    }
  }

  private CompletableFuture<Void> images(DockerEngine engine) {
    var images = new LinkedHashSet<String>();
    images.add(setup.image());
    setup.tools().forEach(tool -> images.add(tool.image()));
    var all = CompletableFuture.<Void>completedFuture(null);
    for (String image : images) {
      all = all.thenComposeAsync(x -> image(engine, image), workers);
    }
    return all;
  }

  private CompletionStage<Void> image(DockerEngine engine, String image) {
    giveUpIfCancelled();
    if (!setup.options().forcePull() && present(engine, image)) {
      return CompletableFuture.completedFuture(null);
    }
    pull = DockerPull.start(engine.streams(), image);
    if (cancelled) {
      pull.cancel();
    }
    return pull.done().whenComplete((done, error) -> pull = null);
  }

  private static boolean present(DockerEngine engine, String image) {
    try {
      engine.calls().inspectImageCmd(image).exec();
      return true;
    } catch (NotFoundException absent) {
      return false;
    } catch (RuntimeException e) {
      throw new RuntimeFailure(
          "cannot look for image " + image + ": " + DockerEngine.message(e), e);
    }
  }

  private void giveUpIfCancelled() {
    if (cancelled) {
      throw new RuntimeFailure("start given up");
    }
  }

  private Container create(DockerEngine engine) {
    giveUpIfCancelled();
    String main = "";
    DockerContainer result = null;
    try {
      main = main(engine);
      result = new DockerContainer(engine, workers, main, setup);
      born.accept(result);
      result.listen();
      engine.calls().startContainerCmd(main).exec();
      result.started();
      for (TaskDocument.Tool tool : setup.tools()) {
        giveUpIfCancelled();
        String id = tool(engine, tool, main);
        result.addTool(id, tool.name());
        engine.calls().startContainerCmd(id).exec();
      }
      return result;
    } catch (IOException | RuntimeException e) {
      cleanUp(engine);
      if (result != null) {
        result.close();
        result.look();
      }
      throw new RuntimeFailure(
          "cannot start a container of " + setup.image() + ": " + DockerEngine.message(e), e);
    }
  }

  /** By label, not by id: a creation may have worked though its answer was lost. */
  private void cleanUp(DockerEngine engine) {
    var mine = new HashMap<>(owner.place());
    mine.put(Labels.TASK, setup.task());
    try {
      engine
          .calls()
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(mine)
          .exec()
          .forEach(it -> DockerContainer.remove(engine, it.getId()));
    } catch (RuntimeException engineGone) {
      // What is left behind is found by its labels later; the first error is the one to report.
      return;
    }
  }

  private String main(DockerEngine engine) {
    var host = new HostConfig();
    var create = engine.calls().createContainerCmd(setup.image());
    network(create, host);
    host.withBinds(
        setup.mounts().stream()
            .map(
                mount ->
                    new Bind(
                        MountSource.of(mount),
                        new Volume(mount.target()),
                        mount.readOnly() ? AccessMode.ro : AccessMode.rw))
            .toList());
    limits(host);
    host.withPrivileged(setup.options().privileged());
    engine.log().ifPresent(host::withLogConfig);
    common(create, setup.command(), setup.env(), "main");
    create.withName(name());
    return create.withHostConfig(host).exec().getId();
  }

  private String tool(DockerEngine engine, TaskDocument.Tool tool, String main) {
    var create = engine.calls().createContainerCmd(tool.image());
    var host =
        new HostConfig()
            .withNetworkMode("container:" + main)
            .withVolumesFrom(new VolumesFrom(main))
            // A tool that fails must not stay away for as long as its main container runs.
            .withRestartPolicy(RestartPolicy.alwaysRestart());
    engine.log().ifPresent(host::withLogConfig);
    common(create, tool.command(), tool.env(), "tool:" + tool.name());
    create.withName(name() + "." + tool.name());
    return create.withHostConfig(host).exec().getId();
  }

  /**
   * For people: {@code tide.feed.api.3.17.5f0c1a9e}. A task's id is unique within its framework;
   * the end tells apart what several frameworks and agents run on one engine.
   */
  private String name() {
    return "tide.%s.%08x"
        .formatted(setup.task().replaceAll("[^A-Za-z0-9_.-]", "-"), owner.place().hashCode());
  }

  private void common(
      CreateContainerCmd create, List<String> command, Map<String, String> env, String part) {
    var labels = new HashMap<>(setup.labels());
    labels.putAll(owner.labels());
    labels.put(Labels.TASK, setup.task());
    labels.put(Labels.PART, part);
    create
        .withLabels(labels)
        .withEnv(env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    if (!command.isEmpty()) {
      // The whole argument list: the same command means the same with every runtime.
      create.withEntrypoint(command);
    }
  }

  private void network(CreateContainerCmd create, HostConfig host) {
    if (setup.network() instanceof ContainerSetup.Network.Host) {
      host.withNetworkMode("host");
      return;
    }
    host.withNetworkMode(
        setup.network() instanceof ContainerSetup.Network.Named named ? named.name() : "bridge");
    ports(create, host);
  }

  private void ports(CreateContainerCmd create, HostConfig host) {
    create.withExposedPorts(setup.ports().stream().map(DockerStart::exposed).toList());
    host.withPortBindings(
        setup.ports().stream()
            .map(port -> new PortBinding(Ports.Binding.bindPort(port.host()), exposed(port)))
            .toList());
  }

  private static ExposedPort exposed(TaskDocument.Port port) {
    return ExposedPort.tcp(port.inside());
  }

  private void limits(HostConfig host) {
    var limits = setup.limits();
    if (limits.cpus() > 0) {
      host.withCpuShares((int) Math.max(MIN_SHARES, limits.cpus() * SHARES_PER_CPU));
    }
    limits
        .cpuQuota()
        .ifPresent(
            cpus ->
                host.withCpuPeriod(QUOTA_PERIOD_MICROS)
                    .withCpuQuota((long) (cpus * QUOTA_PERIOD_MICROS)));
    if (limits.memoryBytes() > 0) {
      // Memory and swap together: no swap.
      host.withMemory(limits.memoryBytes()).withMemorySwap(limits.memoryBytes());
    }
  }
}
