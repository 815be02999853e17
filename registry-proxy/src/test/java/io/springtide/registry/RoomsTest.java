package io.springtide.registry;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;

/** Which room of the registry proxy may know which: an arrow only ever points down. */
@AnalyzeClasses(
    packages = "io.springtide.registry",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  private static final String HOUSE = "io.springtide.registry";

  /** From the ground up. */
  private static final List<String> ROOMS =
      List.of(
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

  private static String[] packages(List<String> rooms) {
    return rooms.stream().map(room -> HOUSE + "." + room + "..").toArray(String[]::new);
  }

  @ArchTest
  static void aRoomKnowsOnlyThoseBelowIt(JavaClasses all) {
    for (int i = 0; i < ROOMS.size(); i++) {
      String[] above = packages(ROOMS.subList(i + 1, ROOMS.size()));
      noClasses()
          .that()
          .resideInAPackage(HOUSE + "." + ROOMS.get(i) + "..")
          .should()
          .dependOnClassesThat(resideInAnyPackage(above).or(resideInAPackage(HOUSE)))
          .because(ROOMS.get(i) + " stands below them")
          .check(all);
    }
  }

  @ArchTest
  static void everyClassIsInARoomButThoseThatPutTheProxyTogether(JavaClasses all) {
    classes()
        .that()
        .resideOutsideOfPackages(packages(ROOMS))
        .should()
        .haveNameMatching(
            ".*\\.(RegistryProxy|RegistryProxyMain|Owned|SteadyClock|FillFiles|PeerMetrics)(\\$.*)?")
        .check(all);
  }

  /** Also within a room, of two files only one knows the other. */
  @ArchTest
  static void noClassKnowsOneThatKnowsIt(JavaClasses all) {
    slices().assignedFrom(new EachFile()).should().beFreeOfCycles().check(all);
  }

  /** A class together with those inside it. */
  private static final class EachFile implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
      JavaClass outermost = one;
      while (outermost.getEnclosingClass().isPresent()) {
        outermost = outermost.getEnclosingClass().get();
      }
      return SliceIdentifier.of(outermost.getName());
    }

    @Override
    public String getDescription() {
      return "the files";
    }
  }

  /** What decides must run in the simulator as it runs in a peer. */
  @ArchTest
  static void theSwarmIsPure(JavaClasses all) {
    classes()
        .that()
        .resideInAPackage(HOUSE + ".swarm")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(HOUSE + ".swarm", "java.lang..", "java.util")
                .as("are of the swarm, or of the language without I/O"))
        .check(all);
  }
}
