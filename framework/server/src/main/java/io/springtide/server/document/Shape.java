package io.springtide.server.document;

import io.springtide.partition.model.InvalidModelException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which fields a kind of document can have, for those who ask for some of them. Fields that stand
 * below one of these and are not named here may be anything: keys of users, mostly.
 */
public final class Shape {
  public static final Shape POOL =
      of(
          "name, kind, zone, selector, hosts, buffer, placement, pricePerHour, idleAfter,"
              + " billingIncrement, budgetPerHour, template, shared, version, status.hosts,"
              + " status.ready, status.ordered, status.troubles");

  public static final Shape GROUP =
      of("path, description, department, quotas, totalLimit, policy, version");

  public static final Shape JOB =
      of(
          String.join(", ", JobDocument.FIELDS)
              + ", version, status.phase, status.created, status.instances, status.ready,"
              + " status.current, status.states, status.breaks, status.violations,"
              + " status.unreachable, status.condemned, status.backOff, status.held, status.runs");

  public static final Shape REVISION =
      of("revision, current, by, at, instances, " + String.join(", ", RevisionDocument.CONTENT));

  public static final Shape DEPLOYMENT =
      of(
          "id, job, from, to, state, by, why, canaries, updated, healthy, total, deadline,"
              + " waiting, began, since");

  public static final Shape INSTANCE =
      of(
          "id, job, state, version, healthy, label, labelReason, pool, host, address, ports,"
              + " taskId, since, restarts, retries, why, resources, waiting, backOff, history");

  public static final Shape HOST =
      of(
          "id, pool, zone, condition, by, wish, maintenance, hostname, attributes, resources,"
              + " instances, usedGuaranteed, usedBorrowed, usedBurst, remains, agentId, order,"
              + " since, report, warnings");

  public static final Shape ORDER =
      of(
          "id, pool, driver, hosts, resources, since, state, attempts, asked, again, error.kind,"
              + " error.message, error.at");

  public static final Shape TOKEN = of("name, role, groups, created, expires, used");

  public static final Shape EXPLAIN =
      of("job, wanted, pending, reasons, failures, avoids, breaks, violations, instances");

  /** By name; an empty map: whatever stands below. */
  private final Map<String, Set<String>> fields = new LinkedHashMap<>();

  private Shape() {}

  private static Shape of(String paths) {
    Shape shape = new Shape();
    for (String path : paths.split(", ", -1)) {
      int dot = path.indexOf('.');
      Set<String> below =
          shape.fields.computeIfAbsent(
              dot < 0 ? path : path.substring(0, dot), name -> new LinkedHashSet<>());
      if (dot >= 0) {
        below.add(path.substring(dot + 1));
      }
    }
    return shape;
  }

  /**
   * Checks that such a document can have a field.
   *
   * @param path names with dots between
   * @throws InvalidModelException naming it, and the one that was probably meant
   */
  public void require(String path) {
    String[] names = path.split("\\.", -1);
    if (!fields.containsKey(names[0])) {
      throw Fields.unknown(names[0], fields.keySet());
    }
    Set<String> below = fields.get(names[0]);
    if (names.length > 1 && !below.isEmpty() && !below.contains(names[1])) {
      throw Fields.unknown(names[1], below).within(names[0]);
    }
  }
}
