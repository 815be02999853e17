package io.springtide.testing;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;

/**
 * The rooms of a module, one package each: an arrow only ever points down.
 *
 * @param house the module's package
 * @param rooms names of the packages below it, from the ground up
 */
public record Rooms(String house, List<String> rooms) {
  /** From the ground up. */
  public static Rooms of(String house, String... rooms) {
    return new Rooms(house, List.of(rooms));
  }

  /** Fails where a class knows one of a room above its own, or one that is in no room. */
  public void checkThatArrowsPointDown(JavaClasses all) {
    for (int i = 0; i < rooms.size(); i++) {
      noClasses()
          .that()
          .resideInAPackage(room(rooms.get(i)))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(packages(rooms.subList(i + 1, rooms.size())))
                  .or(resideInAPackage(house)))
          .because(rooms.get(i) + " stands below them")
          .check(all);
    }
  }

  /** Fails where a class is in no room and its simple name does not match {@code doors}. */
  public void checkThatAllHaveARoomBut(String doors, JavaClasses all) {
    classes()
        .that()
        .resideOutsideOfPackages(packages(rooms))
        .should()
        .haveNameMatching(".*\\.(" + doors + ")(\\$.*)?")
        .check(all);
  }

  /** Fails where two files know each other, directly or by others between them. */
  public void checkThatNoFileKnowsOneThatKnowsIt(JavaClasses all) {
    slices().assignedFrom(new EachFile()).should().beFreeOfCycles().check(all);
  }

  private String[] packages(List<String> some) {
    return some.stream().map(this::room).toArray(String[]::new);
  }

  private String room(String name) {
    return house + "." + name + "..";
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
}
