package io.springtide.executor.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A runtime whose containers do what a test says. Everything it is asked is written into a log that
 * it may share with others, so that a test sees what came before what.
 */
public final class ScriptedRuntime implements ContainerRuntime {
  private final String name;
  private final List<String> log;
  private final Map<String, ScriptedContainer> containers = new LinkedHashMap<>();
  private final List<String> leftovers = new ArrayList<>();
  private final List<ScriptedStart> held = new ArrayList<>();
  private Readiness readiness;
  private boolean holding;
  private String failure;
  private int probes;
  private CompletableFuture<Readiness> heldProbe;
  private String stuck = "";
  private CompletableFuture<List<String>> heldRemoval;

  public ScriptedRuntime(String name, List<String> log) {
    this.name = name;
    this.log = log;
    this.readiness = Readiness.yes(name + " 1.0");
  }

  /** How often it was asked whether it is ready. */
  public int probes() {
    return probes;
  }

  /** What it answers when asked whether it is ready. */
  public void readiness(Readiness now) {
    readiness = now;
  }

  /** Something that an earlier executor left behind. */
  public void leftover(String what) {
    leftovers.add(what);
  }

  /** From now on leftovers cannot be removed, for this reason; empty: they can. */
  public void stickLeftovers(String why) {
    stuck = why;
  }

  /** From now on the removal of leftovers is not answered. */
  public void holdRemovals() {
    heldRemoval = new CompletableFuture<>();
  }

  public void answerRemovals() {
    var held = heldRemoval;
    heldRemoval = null;
    held.complete(List.of());
  }

  /** From now on starts do not complete by themselves. */
  public void holdStarts() {
    holding = true;
  }

  /** From now on starts fail. */
  public void failStarts(String why) {
    failure = why;
  }

  /** The starts that have not completed. */
  public List<ScriptedStart> held() {
    return held;
  }

  public ScriptedContainer container(String task) {
    return Optional.ofNullable(containers.get(task))
        .orElseThrow(
            () -> new AssertionError(task + " was not started, but " + containers.keySet()));
  }

  @Override
  public String name() {
    return name;
  }

  /** From now on the question whether it is ready is not answered. */
  public void holdProbes() {
    heldProbe = new CompletableFuture<>();
  }

  public void answerProbes() {
    heldProbe.complete(readiness);
    heldProbe = null;
  }

  @Override
  public CompletionStage<Readiness> probe() {
    probes++;
    return heldProbe != null ? heldProbe : CompletableFuture.completedFuture(readiness);
  }

  @Override
  public CompletionStage<List<String>> removeLeftovers() {
    if (heldRemoval != null) {
      log.add("leftovers are being removed");
      return heldRemoval;
    }
    if (!stuck.isEmpty()) {
      log.add("leftovers stay: " + leftovers);
      return CompletableFuture.failedFuture(new RuntimeFailure(stuck));
    }
    var removed = List.copyOf(leftovers);
    leftovers.clear();
    log.add("leftovers removed: " + removed);
    return CompletableFuture.completedFuture(removed);
  }

  @Override
  public ScriptedStart start(ContainerSetup setup) {
    log.add("start " + setup.task());
    var start = new ScriptedStart(setup);
    held.add(start);
    if (failure != null) {
      start.fail(failure);
    } else if (!holding) {
      start.up();
    }
    return start;
  }

  @Override
  public void close() {
    log.add(name + " closed");
  }

  /** A container on its way up. */
  public final class ScriptedStart implements Start {
    private final ContainerSetup setup;
    private final CompletableFuture<Container> container = new CompletableFuture<>();
    private String progress = "";

    private ScriptedStart(ContainerSetup setup) {
      this.setup = setup;
    }

    public ContainerSetup setup() {
      return setup;
    }

    public void progress(String now) {
      progress = now;
    }

    public void up() {
      held.remove(this);
      if (!setup.command().isEmpty() && setup.command().get(0).startsWith("/no/")) {
        fail("cannot start " + setup.command().get(0) + ": no such program");
        return;
      }
      var up = new ScriptedContainer(setup);
      containers.put(setup.task(), up);
      container.complete(up);
      up.run();
    }

    public void fail(String why) {
      held.remove(this);
      container.completeExceptionally(new RuntimeFailure(why));
    }

    @Override
    public CompletionStage<Container> container() {
      return container;
    }

    @Override
    public String progress() {
      return progress;
    }

    @Override
    public void cancel() {
      log.add("start given up " + setup.task());
      fail("start given up");
    }
  }

  /** A container that does what it is told. */
  public final class ScriptedContainer implements Container {
    private final ContainerSetup setup;
    private final CompletableFuture<Exit> exited = new CompletableFuture<>();
    private int onTerminate = 143;
    private int execCode;

    private ScriptedContainer(ContainerSetup setup) {
      this.setup = setup;
    }

    /** Ends by itself. */
    public void exit(int code) {
      exited.complete(new Exit(code, false));
    }

    public void outOfMemory() {
      exited.complete(new Exit(137, true));
    }

    /** From now on SIGTERM has no effect. */
    public void ignoreTerminate() {
      onTerminate = -1;
    }

    /** What commands inside it exit with from now on. */
    public void execExits(int code) {
      execCode = code;
    }

    public ContainerSetup setup() {
      return setup;
    }

    @Override
    public String id() {
      return "c-" + setup.task();
    }

    @Override
    public CompletionStage<Exit> exited() {
      return exited;
    }

    @Override
    public CompletionStage<Void> terminate() {
      log.add("SIGTERM " + setup.task());
      if (onTerminate >= 0) {
        exit(onTerminate);
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> kill() {
      log.add("SIGKILL " + setup.task());
      exit(137);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> remove() {
      log.add("remove " + setup.task());
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Integer> exec(List<String> command, Duration timeout) {
      return CompletableFuture.completedFuture(execCode);
    }

    @Override
    public Optional<String> address() {
      return Optional.empty();
    }

    @Override
    public CompletionStage<Optional<Usage>> usage() {
      return CompletableFuture.completedFuture(Optional.of(new Usage(1000, 1 << 20)));
    }

    /** Understands just as much shell as the contract suite speaks. */
    private void run() {
      if (setup.command().size() < 3) {
        return;
      }
      String script = setup.command().get(2);
      String out = script.contains("echo ready") ? "ready" : "";
      if (script.contains("echo hello; echo alas")) {
        write("stderr", "alas");
        out = "hello";
      } else if (script.contains("$A|$1|$2")) {
        out = setup.env().get("A") + "|" + setup.command().get(4) + "|" + setup.command().get(5);
      }
      write("stdout", out);
      if (script.contains("trap 'exit 7'")) {
        onTerminate = 7;
      } else if (script.contains("trap ''")) {
        ignoreTerminate();
      }
      if (script.matches(".*exit \\d")) {
        exit(script.charAt(script.length() - 1) - '0');
      } else if (!script.contains("while")) {
        exit(0);
      }
    }

    private void write(String file, String text) {
      try {
        Files.createDirectories(setup.directory());
        Files.writeString(setup.directory().resolve(file), text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
