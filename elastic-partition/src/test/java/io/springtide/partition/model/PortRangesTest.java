package io.springtide.partition.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PortRangesTest {
  @Test
  void rangesAreSortedAndJoinedWhereTheyTouch() {
    PortRanges ports =
        PortRanges.of(20, 25).plus(PortRanges.of(10, 14)).plus(PortRanges.of(15, 21));
    assertThat(ports).isEqualTo(PortRanges.of(10, 25)).hasToString("[10-25]");
    assertThat(ports.size()).isEqualTo(16);
  }

  @Test
  void takenPortsCutHoles() {
    PortRanges ports = PortRanges.of(10, 15).minus(List.of(10, 12, 13, 15, 99));
    assertThat(ports.stream()).containsExactly(11, 14);
    assertThat(ports.contains(12)).isFalse();
    assertThat(ports.contains(14)).isTrue();
    assertThat(PortRanges.of(7, 7).minus(List.of(7))).isEqualTo(PortRanges.NONE);
  }

  @Test
  void aPortOutsideOfTheNumbersIsRefused() {
    assertThatThrownBy(() -> PortRanges.of(0, 5)).hasMessageContaining("0-5 is no range of ports");
    assertThatThrownBy(() -> PortRanges.of(5, 65536)).hasMessageContaining("5-65536");
  }
}
