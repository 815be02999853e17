package io.springtide.harness.demo;

import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.cluster.LocalCluster;
import io.springtide.mesos.Why;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Starts the framework again when it has died, as a service manager would, and says so. */
final class Revival {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final LocalCluster cluster;
  private final Screen screen;
  private final CountDownLatch ended;
  private Duration pause = PAUSE;

  /**
   * @param ended when it counts down, nothing is started any more
   */
  Revival(LocalCluster cluster, Screen screen, CountDownLatch ended) {
    this.cluster = cluster;
    this.screen = screen;
    this.ended = ended;
  }

  /** Looks after it; when it has to be started, comes back when that has worked or failed. */
  void look() throws InterruptedException {
    FrameworkProcess framework = cluster.framework();
    // Once the demo ends, an end of the framework is no news.
    if (framework.isAlive() || ended.getCount() == 0) {
      return;
    }
    screen.say(
        "the framework has ended with %d; it is started again in %d s"
            .formatted(framework.exitValue(), pause.toSeconds()));
    if (ended.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      return;
    }
    pause =
        pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
    try {
      framework.start();
      pause = PAUSE;
      screen.say("the framework is back: API " + framework.uri());
    } catch (IOException e) {
      screen.say("the framework does not start: " + Why.of(e));
    }
  }
}
