package io.springtide.scheduler;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.scheduler.state.StateStore;
import java.time.Clock;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The core is pure: no I/O, clock, randomness, threads, nor anybody else's types. */
@AnalyzeClasses(
    packages = "io.springtide.scheduler..",
    importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {
  @ArchTest
  static final ArchRule itKnowsNobodyButTheModelAndPlainJava =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "io.springtide.scheduler..",
                  "io.springtide.partition..",
                  "java.lang",
                  "java.lang.invoke",
                  "java.lang.runtime",
                  "java.time",
                  "java.util",
                  "java.util.function",
                  "java.util.stream",
                  "java.util.concurrent"));

  @ArchTest
  static final ArchRule timeComesFromOutside =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class)
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule nothingHappensByChance =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Random.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(UUID.class)
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(System.class, "identityHashCode", Object.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(IdentityHashMap.class);

  @ArchTest
  static final ArchRule itHasNoThreads =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.util.concurrent.Executor.class);

  @ArchTest
  static final ArchRule onlyTheStoreSpeaksOfFutures =
      noClasses()
          .that()
          .doNotBelongToAnyOf(StateStore.class, MemoryStateStore.class)
          .should()
          .dependOnClassesThat()
          .areAssignableTo(CompletionStage.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(CompletableFuture.class);
}
