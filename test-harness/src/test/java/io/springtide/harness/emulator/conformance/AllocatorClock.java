package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The clock of the recorded allocator, read off the times of its OFFERS: it ticked each interval
 * and a little late each time. The run's allocator gets the same clock, so that what an offer
 * contains does not depend on which came first, an allocation or the recorder.
 *
 * @param first time of the first tick, seconds
 * @param lag how much longer than its interval a tick takes, seconds
 */
record AllocatorClock(double first, double lag) {

  /** The clock that most of the recorded OFFERS agree with. */
  static AllocatorClock of(Trace trace, double interval) {
    List<Double> offers = new ArrayList<>();
    for (JsonNode line : trace.lines()) {
      if (line.path("body").path("type").asText().equals("OFFERS")) {
        offers.add(line.get("t").asDouble());
      }
    }
    AllocatorClock best = new AllocatorClock(0.09, 0.0012);
    int most = 1;
    for (double lag = 0.0006; lag < 0.004; lag += 0.0002) {
      for (double first = 0.05; first < 0.05 + interval; first += 0.005) {
        AllocatorClock clock = new AllocatorClock(first, lag);
        int agree = (int) offers.stream().filter(t -> clock.ticks(t, interval)).count();
        if (agree > most) {
          most = agree;
          best = clock;
        }
      }
    }
    return best;
  }

  private boolean ticks(double time, double interval) {
    double since = (time - first) % (interval + lag);
    return since >= 0 && since < 0.012;
  }
}
