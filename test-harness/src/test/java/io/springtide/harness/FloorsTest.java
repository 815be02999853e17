package io.springtide.harness;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Resources;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;

/** Which module may depend on which: only on those below it. */
@AnalyzeClasses(packages = "io.springtide", importOptions = ImportOption.DoNotIncludeTests.class)
class FloorsTest {
  private static final String PARTITION = "io.springtide.partition..";
  private static final String MESOS = "io.springtide.mesos..";
  private static final String SCHEDULER = "io.springtide.scheduler..";
  private static final String CONTRACT = "io.springtide.executor.contract..";
  private static final String EXECUTOR = "io.springtide.executor..";
  private static final String CLOUD = "io.springtide.cloud..";
  private static final String SERVER = "io.springtide.server..";
  private static final String CLI = "io.springtide.cli..";
  private static final String REGISTRY = "io.springtide.registry..";
  private static final String HARNESS = "io.springtide.harness..";

  @ArchTest
  static final ArchRule roomsKnowOnlyWhatTheyStandOn =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("elastic-partition")
          .definedBy(PARTITION)
          .layer("mesos-http")
          .definedBy(MESOS)
          .layer("scheduler")
          .definedBy(SCHEDULER)
          .layer("executor-contract")
          .definedBy(CONTRACT)
          .layer("executor")
          .definedBy(resideInAPackage(EXECUTOR).and(not(resideInAPackage(CONTRACT))))
          .layer("cloud-driver")
          .definedBy(CLOUD)
          .layer("server")
          .definedBy(SERVER)
          .layer("cli")
          .definedBy(CLI)
          .layer("registry-proxy")
          .definedBy(REGISTRY)
          .layer("test-harness")
          .definedBy(HARNESS)
          .whereLayer("elastic-partition")
          .mayNotAccessAnyLayer()
          .whereLayer("mesos-http")
          .mayNotAccessAnyLayer()
          .whereLayer("executor-contract")
          .mayNotAccessAnyLayer()
          .whereLayer("registry-proxy")
          .mayNotAccessAnyLayer()
          .whereLayer("cli")
          .mayNotAccessAnyLayer()
          .whereLayer("scheduler")
          .mayOnlyAccessLayers("elastic-partition")
          .whereLayer("cloud-driver")
          .mayOnlyAccessLayers("elastic-partition")
          .whereLayer("executor")
          .mayOnlyAccessLayers("executor-contract", "mesos-http")
          .whereLayer("server")
          .mayOnlyAccessLayers(
              "elastic-partition", "mesos-http", "scheduler", "executor-contract", "cloud-driver")
          .whereLayer("test-harness")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule aCloudKnowsResourcesAndNothingElseOfTheModel =
      noClasses()
          .that()
          .resideInAPackage(CLOUD)
          .should()
          .dependOnClassesThat(
              resideInAPackage(PARTITION)
                  .and(not(type(Resources.class)))
                  .and(not(type(InvalidModelException.class)))
                  .as("are other model types than Resources"));

  /** Promise: the same core, byte for byte, runs in production and in the simulator. */
  @ArchTest
  static final ArchRule theCoreKnowsOnlyTheLanguage =
      classes()
          .that()
          .resideInAnyPackage(PARTITION, SCHEDULER)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      PARTITION,
                      SCHEDULER,
                      "java.lang",
                      "java.lang.annotation",
                      "java.lang.invoke",
                      "java.lang.runtime",
                      "java.util",
                      "java.util.function",
                      "java.util.stream",
                      "java.util.regex",
                      "java.util.concurrent",
                      "java.time..",
                      "java.math",
                      "java.text",
                      "java.nio.charset",
                      "java.security",
                      "com.google.common..",
                      "com.google.errorprone.annotations..")
                  .as("are of the core, or of the language without I/O"));

  @ArchTest
  static final ArchRule theCoreHasNoClockNoRandomnessAndNoThreads =
      noClasses()
          .that()
          .resideInAnyPackage(PARTITION, SCHEDULER)
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "getProperty", String.class)
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(UUID.class, "randomUUID")
          .orShould()
          .dependOnClassesThat(
              type(Random.class)
                  .or(type(java.util.concurrent.ThreadLocalRandom.class))
                  .or(type(java.security.SecureRandom.class))
                  .or(type(Clock.class))
                  .or(type(Thread.class))
                  .or(type(java.util.concurrent.Executor.class))
                  .or(type(java.util.concurrent.ExecutorService.class))
                  .or(type(java.util.Timer.class)));

  /** Only the ground floor and those on it speak the wire's own words. */
  @ArchTest
  static final ArchRule onlyThoseWhoSpeakToMesosKnowItsMessages =
      noClasses()
          .that()
          .resideInAnyPackage(PARTITION, SCHEDULER, CLOUD, CLI, REGISTRY)
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.apache.mesos..", "com.google.protobuf.."));

  @ArchTest
  static final ArchRule onlyTheExecutorAndTheHarnessKnowDocker =
      noClasses()
          .that(not(resideInAnyPackage(EXECUTOR, HARNESS)))
          .should()
          .dependOnClassesThat(resideInAPackage("com.github.dockerjava.."));

  /** The names that hide what a class is for. */
  @ArchTest
  static final ArchRule noNamesThatSayNothing =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper");
}
