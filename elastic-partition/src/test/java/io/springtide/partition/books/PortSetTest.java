package io.springtide.partition.books;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.PortRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class PortSetTest {
  /** Ports are taken if they are there and given if they are not, which is what hosts see. */
  @Property
  void isWhatASortedSetOfPortsWouldBe(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 20) Integer> ports) {
    PortSet set = new PortSet(PortRanges.of(5, 14));
    PortSet other = new PortSet(PortRanges.of(List.of(1, 2, 4, 9, 10, 17)));
    TreeSet<Integer> plain = new TreeSet<>(PortRanges.of(5, 14).stream().boxed().toList());
    for (int port : ports) {
      if (set.contains(port)) {
        set.remove(port);
        plain.remove(port);
      } else {
        set.add(port);
        plain.add(port);
      }
      assertThat(set.ranges()).isEqualTo(PortRanges.of(plain));
      assertThat(set.size()).isEqualTo(plain.size());
      assertThat(PortSet.both(set, other).ranges())
          .isEqualTo(PortRanges.of(plain.stream().filter(other::contains).toList()));
      int[] lowest = new int[1 + plain.size()];
      set.lowest(lowest, 1);
      List<Integer> all = new ArrayList<>(List.of(0));
      all.addAll(plain);
      assertThat(lowest).containsExactly(all.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
