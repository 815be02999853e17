package io.springtide.executor.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A directory that writes down what it is told, and confirms withdrawals when the test wants. */
public final class ScriptedDiscovery implements Discovery {
  private final List<String> log;
  private final List<CompletableFuture<Void>> open = new ArrayList<>();
  private boolean holding;

  public ScriptedDiscovery(List<String> log) {
    this.log = log;
  }

  /** From now on withdrawals are not confirmed by themselves. */
  public void holdWithdrawals() {
    holding = true;
  }

  public void confirmWithdrawals() {
    holding = false;
    open.forEach(it -> it.complete(null));
    open.clear();
  }

  @Override
  public boolean takes(InstanceEndpoint endpoint) {
    return endpoint.entry().consul() != null;
  }

  @Override
  public Announcement announce(InstanceEndpoint endpoint) {
    String name =
        endpoint.entry().consul().service() + " " + endpoint.address() + ":" + endpoint.port();
    log.add("announce " + name);
    return new Announcement() {
      @Override
      public void passing() {
        log.add("passing " + name);
      }

      @Override
      public void failing(String why) {
        log.add("failing " + name);
      }

      @Override
      public CompletionStage<Void> withdraw() {
        log.add("withdraw " + name);
        var withdrawn = new CompletableFuture<Void>();
        open.add(withdrawn);
        if (!holding) {
          confirmWithdrawals();
        }
        return withdrawn;
      }
    };
  }

  @Override
  public void close() {
    log.add("directory closed");
  }
}
