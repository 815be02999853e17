package io.springtide.partition.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What is asked of a set of victims: that it is enough, and no larger than it must be. */
final class Victims {
  private Victims() {}

  /** Without any one of them it would not be enough. */
  static void assertThatNoneIsSpared(Set<String> victims, Predicate<Set<String>> enough) {
    for (String victim : victims) {
      Set<String> fewer = new HashSet<>(victims);
      fewer.remove(victim);
      assertThat(enough.test(fewer)).as("enough without %s", victim).isFalse();
    }
  }

  /** The size of the smallest set that is enough, by trying every one; all of them are. */
  static int fewest(List<String> candidates, Predicate<Set<String>> enough) {
    int fewest = candidates.size();
    for (int mask = 0; mask < 1 << candidates.size(); mask++) {
      if (Integer.bitCount(mask) >= fewest) {
        continue;
      }
      Set<String> some = new HashSet<>();
      for (int i = 0; i < candidates.size(); i++) {
        if ((mask & (1 << i)) != 0) {
          some.add(candidates.get(i));
        }
      }
      if (enough.test(some)) {
        fewest = some.size();
      }
    }
    return fewest;
  }
}
