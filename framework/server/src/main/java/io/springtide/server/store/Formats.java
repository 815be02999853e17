package io.springtide.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.springtide.partition.model.GroupPolicy;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The formats of what is stored, and how what an earlier one says is said in the next.
 *
 * <p>Every log entry and every snapshot carries the number of its format (none: 1), and {@code
 * /leader} that of the newest that may be found: a process that does not know it refuses to begin,
 * before it has written anything. What is read in an earlier format passes through the upgrades
 * that follow, one after another, as a JSON tree; what is written has the newest. Nothing is
 * rewritten in place: the next snapshot has all of it in the newest format.
 *
 * <p>To add a field to a durable record, or to move or rename one: if {@link #CURRENT} has been
 * released, raise it, add an {@link Upgrade} to {@link #UPGRADES}, and have {@code GoldenFiles}
 * write what the new format stores; then add one line {@code .in("<Record>", record -> …)} to the
 * newest upgrade. A field without its line fails the tests that read golden files, since a
 * component that is not there is an error. Golden files of a format that has been released are
 * never written again.
 */
final class Formats {
  private static final Logger log = LoggerFactory.getLogger(Formats.class);

  /** What this release writes. */
  static final int CURRENT = 5;

  /** The n-th leads from format n to format n + 1. */
  private static final List<Upgrade> UPGRADES =
      List.of(toFormat2(), toFormat3(), toFormat4(), toFormat5());

  private Formats() {}

  /** Format 2: entries carry their format. What has changed in records since format 1: */
  private static Upgrade toFormat2() {
    return new Upgrade()
        // Pools that were stored before hosts could share anything.
        .in("Pool", pool -> Upgrade.add(pool, "shared", Upgrade.emptyObject()))
        .in("GroupPolicy", policy -> Upgrade.add(policy, "enforce", BooleanNode.FALSE))
        // Nobody knew which hard constraints an attempt was placed under: those there are.
        .in("Job", job -> Upgrade.add(job, "ruledFrom", LongNode.valueOf(0)))
        // Labels did not follow guarantees that moved.
        .in("Task", task -> Upgrade.add(task, "demoted", NullNode.getInstance()))
        // It was told to executors, and none did it.
        .in("Task", task -> task.remove("adopt"))
        // A budget of none acted as one, and is said as that.
        .in("JobSpec", Formats::atLeastOneMayBeDown)
        // Hosts were flat.
        .in("Host", HostUpgrade::toFormat2)
        // Groups keep what they might when policies did not name it, until they are put anew.
        .in("GroupPolicy", policy -> Upgrade.add(policy, "runtimes", any()))
        .in("GroupPolicy", policy -> Upgrade.add(policy, "networks", any()));
  }

  /** Format 3. What has changed in records since format 2: */
  private static Upgrade toFormat3() {
    return new Upgrade()
        // An attempt always ran the newest revision that there was when it was launched.
        .in("Instance", Formats::wantsARevision);
  }

  /** Format 4. What has changed in records since format 3: */
  private static Upgrade toFormat4() {
    return new Upgrade()
        // Jobs had neither labels nor an owner.
        .in("JobSpec", job -> Upgrade.add(job, "notes", noNotes()));
  }

  /**
   * Format 5: a commit carries the lines of the audit, see {@link ChangeCodec}. What has changed in
   * records since format 4:
   */
  private static Upgrade toFormat5() {
    return new Upgrade()
        // Nobody knew who made a revision, and when.
        .in("Job", Formats::madeWhenCreated)
        // Batch jobs ran all at once, tried once, and stayed; none came after another.
        .in("JobSpec", job -> Upgrade.add(job, "batch", plainBatch()))
        .in("JobSpec", job -> Upgrade.add(job, "after", JsonNodeFactory.instance.arrayNode()))
        .in("Instance", instance -> Upgrade.add(instance, "retries", IntNode.valueOf(0)))
        // Changes had one course only.
        .in("UpdatePolicy", update -> Upgrade.add(update, "promote", TextNode.valueOf("MANUAL")))
        .in("UpdatePolicy", update -> Upgrade.add(update, "minHealthy", LongNode.valueOf(10)))
        .in(
            "UpdatePolicy",
            update -> Upgrade.add(update, "whileDeploying", TextNode.valueOf("SUPERSEDE")));
  }

  private static void madeWhenCreated(ObjectNode job) {
    ObjectNode made = Upgrade.emptyObject().put("by", "");
    made.set("at", job.path("created"));
    Upgrade.add(job, "made", made);
    job.path("earlier").forEach(old -> Upgrade.add((ObjectNode) old, "made", made.deepCopy()));
  }

  private static ObjectNode plainBatch() {
    ObjectNode batch = Upgrade.emptyObject().put("parallelism", 100_000).put("retries", 0);
    return batch.putNull("deadline").putNull("ttl");
  }

  private static ObjectNode noNotes() {
    ObjectNode notes = Upgrade.emptyObject().put("owner", "");
    notes.set("labels", Upgrade.emptyObject());
    return notes;
  }

  /** What runs on wants what it runs; the next attempt of all others was to run the newest. */
  private static void wantsARevision(ObjectNode instance, Upgrade.Before before) {
    boolean runsOn = instance.path("goal").asText().equals("RUN");
    JsonNode newest = before.job(instance.path("job").asText()).path("revision");
    JsonNode runs = instance.path("task").path("revision");
    long revision = runsOn && runs.isNumber() ? runs.asLong() : newest.asLong();
    Upgrade.add(instance, "revision", LongNode.valueOf(revision));
  }

  private static void atLeastOneMayBeDown(ObjectNode job) {
    if (job.path("update") instanceof ObjectNode update
        && update.path("maxUnavailable").asInt(1) == 0) {
      log.warn(
          "Job {} says update.maxUnavailable: 0, which acted as 1; it says 1 from now on",
          job.path("id").asText());
      update.put("maxUnavailable", 1);
    }
  }

  private static ArrayNode any() {
    return JsonNodeFactory.instance.arrayNode().add(GroupPolicy.ANY);
  }

  /** The upgrades that lead from {@code format} to the newest, in order. */
  static List<Upgrade> from(int format) {
    return UPGRADES.subList(require(format) - 1, UPGRADES.size());
  }

  /**
   * @throws StoreException if this release does not know the format
   */
  static int require(int format) {
    if (format > CURRENT) {
      throw new StoreException(
          "the stored state has format "
              + format
              + " and this release reads none after "
              + CURRENT
              + ": start the release that wrote it, or a later one; nothing was changed");
    }
    if (format < 1) {
      throw new StoreException("the stored state claims to have format " + format);
    }
    return format;
  }
}
