package io.springtide.scheduler;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.springtide.testing.Rooms;

/** Which room of the core may know which: an arrow only ever points down. */
@AnalyzeClasses(
    packages = "io.springtide.scheduler",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  /** From the ground up. */
  private static final Rooms ROOMS =
      Rooms.of(
          "io.springtide.scheduler",
          "config",
          "job",
          "told",
          "state",
          "event",
          "turn",
          "task",
          "goal",
          "round",
          "order",
          "host",
          "offer",
          "plan",
          "view");

  @ArchTest
  static void aRoomKnowsOnlyThoseBelowIt(JavaClasses all) {
    ROOMS.checkThatArrowsPointDown(all);
  }

  @ArchTest
  static void allButTheDoorHaveARoom(JavaClasses all) {
    ROOMS.checkThatAllHaveARoomBut("SchedulerCore|package-info", all);
  }

  @ArchTest
  static void noFileKnowsOneThatKnowsIt(JavaClasses all) {
    ROOMS.checkThatNoFileKnowsOneThatKnowsIt(all);
  }
}
