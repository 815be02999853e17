package io.springtide.registry;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.springtide.testing.Rooms;

/** Which room of the registry proxy may know which: an arrow only ever points down. */
@AnalyzeClasses(
    packages = "io.springtide.registry",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  /** From the ground up. */
  private static final Rooms ROOMS =
      Rooms.of(
          "io.springtide.registry",
          "store",
          "swarm",
          "http",
          "rule",
          "metrics",
          "tracker",
          "config",
          "upstream",
          "fill",
          "blob",
          "manifest",
          "warm",
          "member",
          "peer",
          "client",
          "answer",
          "door");

  @ArchTest
  static void aRoomKnowsOnlyThoseBelowIt(JavaClasses all) {
    ROOMS.checkThatArrowsPointDown(all);
  }

  @ArchTest
  static void allButTheDoorHaveARoom(JavaClasses all) {
    ROOMS.checkThatAllHaveARoomBut(
        "RegistryProxy|RegistryProxyMain|FillFiles|PeerMetrics|Owned|SteadyClock|package-info",
        all);
  }

  @ArchTest
  static void noFileKnowsOneThatKnowsIt(JavaClasses all) {
    ROOMS.checkThatNoFileKnowsOneThatKnowsIt(all);
  }

  /** What decides must run in the simulator as it runs in a peer. */
  @ArchTest
  static void theSwarmIsPure(JavaClasses all) {
    classes()
        .that()
        .resideInAPackage("io.springtide.registry.swarm")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.springtide.registry.swarm", "java.lang..", "java.util")
                .as("are of the swarm, or of the language without I/O"))
        .check(all);
  }
}
