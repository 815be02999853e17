package io.springtide.partition;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.springtide.testing.Rooms;

/** Which room of the model may know which: an arrow only ever points down. */
@AnalyzeClasses(
    packages = "io.springtide.partition",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  /** From the ground up. */
  private static final Rooms ROOMS =
      Rooms.of(
          "io.springtide.partition",
          "model",
          "answer",
          "books",
          "rules",
          "place",
          "grow",
          "share",
          "judge");

  @ArchTest
  static void aRoomKnowsOnlyThoseBelowIt(JavaClasses all) {
    ROOMS.checkThatArrowsPointDown(all);
  }

  @ArchTest
  static void allButTheDoorHaveARoom(JavaClasses all) {
    ROOMS.checkThatAllHaveARoomBut("Engine|package-info", all);
  }

  @ArchTest
  static void noFileKnowsOneThatKnowsIt(JavaClasses all) {
    ROOMS.checkThatNoFileKnowsOneThatKnowsIt(all);
  }
}
