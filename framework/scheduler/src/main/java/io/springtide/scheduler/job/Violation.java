package io.springtide.scheduler.job;

import static java.util.Objects.requireNonNull;

/**
 * Something that a job asks for, or holds, and that its group does not allow it.
 *
 * @param field what of the job's document, or of the group's, such as {@code container.privileged}
 * @param detail in words, with figures
 * @param fix how to mend it
 */
public record Violation(String field, String detail, String fix) {
  public Violation {
    requireNonNull(field);
    requireNonNull(detail);
    requireNonNull(fix);
  }
}
