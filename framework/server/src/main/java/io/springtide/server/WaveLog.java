package io.springtide.server;

import io.springtide.scheduler.task.HealthWave;
import io.springtide.scheduler.view.ClusterView;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line when many instances begin to fail their health checks at once, one when it is over. */
final class WaveLog implements Consumer<ClusterView> {
  private static final Logger log = LoggerFactory.getLogger(WaveLog.class);

  private boolean rising;

  @Override
  public void accept(ClusterView view) {
    Optional<HealthWave> wave = view.wave();
    if (wave.isPresent() == rising) {
      return;
    }
    rising = wave.isPresent();
    wave.ifPresentOrElse(
        many ->
            log.warn(
                "{} of {} checked instances fail their health checks at once, hardly each by its"
                    + " own fault: {} a minute are restarted",
                many.failing(),
                many.checked(),
                many.perMinute()),
        () -> log.info("Health checks: few instances fail at once again"));
  }
}
