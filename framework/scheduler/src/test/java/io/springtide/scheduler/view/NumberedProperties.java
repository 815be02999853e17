package io.springtide.scheduler.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NumberedProperties {
  @Property(tries = 300)
  void itIsWhatASortedMapWouldBeAndEarlierOnesStay(
      @ForAll @Size(max = 12)
          List<Map<@IntRange(max = 400) Integer, Optional<@IntRange(max = 5) Integer>>> steps,
      @ForAll @IntRange(max = 500) int from) {
    TreeMap<Integer, Integer> oracle = new TreeMap<>();
    Numbered<Integer> list = Numbered.none();
    List<Numbered<Integer>> earlier = new ArrayList<>();
    List<List<Integer>> were = new ArrayList<>();
    for (var step : steps) {
      earlier.add(list);
      were.add(List.copyOf(oracle.values()));
      list = list.with(step);
      step.forEach(
          (number, thing) ->
              thing.ifPresentOrElse(one -> oracle.put(number, one), () -> oracle.remove(number)));
      assertThat(list).isEqualTo(List.copyOf(oracle.values())).hasSize(oracle.size());
      assertThat(list.from(from)).isEqualTo(List.copyOf(oracle.tailMap(from).values()));
      for (int number = 0; number <= 410; number += 10) {
        assertThat(list.numbered(number)).isEqualTo(Optional.ofNullable(oracle.get(number)));
      }
      int position = 0;
      for (int thing : oracle.values()) {
        assertThat(list.get(position++)).isEqualTo(thing);
      }
    }
    assertThat(earlier).isEqualTo(were);
  }

  @Test
  void whatIsNotThereIsNotThere() {
    Numbered<String> list =
        Numbered.<String>none().with(new HashMap<>(Map.of(7, Optional.of("a"))));
    assertThat(list.numbered(-1)).isEmpty();
    assertThat(list.numbered(1_000_000)).isEmpty();
    assertThat(list.from(-3)).containsExactly("a");
    assertThatThrownBy(() -> list.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    var all = list.iterator();
    all.next();
    assertThatThrownBy(all::next).isInstanceOf(NoSuchElementException.class);
  }
}
