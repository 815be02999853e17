package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a job's document may say, and nothing does yet: the one list of it. It is refused where it
 * differs from its default, so that nobody relies on what does not happen; but what a job has been
 * stored with may be put back as it was read.
 */
public final class NotYet {
  /**
   * A field without an effect.
   *
   * @param path in the document
   * @param value what a job says there
   * @param usual its default, the only value that may be said
   * @param instead what to write
   */
  private record Field(
      String path, Function<JobSpec, Object> value, Object usual, String instead) {}

  private static final String UPSYNC = "discovery.upsync";

  private static final String SUPPORT = "it is not supported yet";

  private static final List<Field> FIELDS =
      List.of(
          new Field(
              UPSYNC,
              job ->
                  job.discovery().stream().filter(DiscoverySpec.Upsync.class::isInstance).toList(),
              List.of(),
              "leave it out, or announce the instance with consul"));

  private NotYet() {}

  /** Where the field stands in this very document: of a list, the first one that has it. */
  private static String where(Field field, JobSpec job) {
    if (!field.path().equals(UPSYNC)) {
      return field.path();
    }
    int index = 0;
    while (!(job.discovery().get(index) instanceof DiscoverySpec.Upsync)) {
      index++;
    }
    return "discovery[" + index + "].upsync";
  }

  /** Where these fields stand in the document. */
  public static List<String> paths() {
    return FIELDS.stream().map(Field::path).toList();
  }

  /**
   * Refuses what does nothing yet.
   *
   * @param stored the job as it is; what it says it may go on saying
   * @throws InvalidModelException naming the field
   */
  public static void refuse(JobSpec job, Optional<JobSpec> stored) {
    for (Field field : FIELDS) {
      Object value = field.value().apply(job);
      boolean kept = stored.filter(old -> field.value().apply(old).equals(value)).isPresent();
      if (!value.equals(field.usual()) && !kept) {
        throw new InvalidModelException(where(field, job), SUPPORT, field.instead());
      }
    }
  }
}
