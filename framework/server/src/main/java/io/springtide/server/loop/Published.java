package io.springtide.server.loop;

import io.springtide.scheduler.view.ClusterView;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The newest view that is durable. Readers take it without a lock, and never see what could still
 * be lost.
 */
public final class Published {
  private final CopyOnWriteArrayList<Consumer<ClusterView>> watchers = new CopyOnWriteArrayList<>();
  private volatile ClusterView view;

  public Published(ClusterView first) {
    view = first;
  }

  public ClusterView view() {
    return view;
  }

  /**
   * Calls {@code watcher} with every view from now on, on the shell's thread: it must not block.
   *
   * @return ends it
   */
  public Runnable watch(Consumer<ClusterView> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  @SuppressWarnings("ReferenceEquality") // The same view again is no news; comparing would cost.
  void publish(ClusterView next) {
    if (next == view) {
      return;
    }
    view = next;
    watchers.forEach(watcher -> watcher.accept(next));
  }
}
