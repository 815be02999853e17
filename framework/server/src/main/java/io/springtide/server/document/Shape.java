package io.springtide.server.document;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Names;
import io.springtide.scheduler.order.OrderProgress;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.TaskState;
import java.util.Locale;

/**
 * What answers hold: for those who ask for some fields of it, and for the API's description. What
 * is written with it is held against it by a test.
 */
public final class Shape {
  private static final Value TEXT = Value.text();
  private static final Value COUNT = Value.count();
  private static final Value TIME = Value.time();
  private static final Value MONEY = Value.decimal(6, Long.MAX_VALUE);
  private static final Value RESOURCES = Value.object(ResourceDocument.FORM);
  private static final Value IDS = Value.list(TEXT);
  private static final Value LABEL =
      Value.word(Label.class, label -> label.name().toLowerCase(Locale.ROOT));
  private static final Value STATE = Value.word(InstanceState.class, Enum::name);
  private static final Value TASK_STATE = Value.word(TaskState.class, Enum::name);

  private static final Form VIOLATION =
      Form.of("Violation", "Something that the rules forbid by now.")
          .has("job", TEXT, "Whose.")
          .has("field", TEXT, "Of its document.")
          .has("detail", TEXT, "What is wrong.")
          .has("fix", TEXT, "What to do.");

  private static final Form DEMOTION =
      Form.of("Demotion", "Instances of one job that lose their guarantee in one pool.")
          .has("job", TEXT, "Whose.")
          .has("group", TEXT, "Of which group.")
          .has("pool", TEXT, "Where.")
          .has("count", COUNT, "How many.")
          .has("why", TEXT, "In words.")
          .has("instances", IDS, "Which.");

  private static final Form DISPLACED =
      Form.of("Displaced", "An instance that makes way.")
          .has("instance", TEXT, "Which.")
          .has("job", TEXT, "Whose.")
          .has("for", TEXT, "Who gets its room.");

  private static final Form EVICTION =
      Form.of("Eviction", "An instance that makes way.")
          .has("instance", TEXT, "Which.")
          .has("job", TEXT, "Whose.")
          .has("group", TEXT, "Of which group.")
          .has("pool", TEXT, "Where.")
          .has("host", TEXT, "On which host.")
          .has("for", TEXT, "Who gets its room.");

  /** What a change displaces. */
  public static final Form EFFECTS =
      Form.of("Effects", "What a change displaces; absent where that could not be found out.")
          .has("demotions", Value.list(DEMOTION), "Who loses a guarantee.")
          .has("evictions", Value.list(DISPLACED), "Who makes way.")
          .has("stops", IDS, "What is stopped or replaced.")
          .has("violations", Value.list(VIOLATION), "What is against the rules from then on.");

  private static final Form WARNING =
      Form.of("Warning", "Something that was taken and may not do what was hoped for.")
          .has("field", TEXT, "Of the document.")
          .has("detail", TEXT, "What may not work.")
          .has("fix", TEXT, "What to write where it matters.");

  private static final Form TROUBLE =
      Form.of("CloudTrouble", "What a cloud did not do when it was last asked.")
          .has("doing", Value.word(CloudTrouble.Doing.class), "What it was asked.")
          .has("kind", Value.word(CloudTrouble.Kind.class), "What kind of trouble.")
          .has("message", TEXT, "In the cloud's words.")
          .has("at", TIME, "When.")
          .may("until", TIME, "When it is asked again.");

  private static final Form POOL_STATUS =
      Form.of("PoolStatus", "How a pool is.")
          .has("hosts", COUNT, "In its books.")
          .has("ready", COUNT, "That take work.")
          .has("ordered", COUNT, "On order and not here yet.")
          .may("troubles", Value.list(TROUBLE), "What its clouds did not do.");

  public static final Form POOL =
      Form.shown("PoolAnswer", "A pool, and how it is.", PoolDocument.FORM)
          .has("version", COUNT, "Of the document.")
          .may("status", Value.object(POOL_STATUS), "How it is; not in the answer of a PUT.")
          .may("effects", Value.object(EFFECTS), "In the answer of a change.");

  private static final Form POOL_USE =
      Form.of("PoolUse", "What a group, with all below it, has of a pool.")
          .has("guarantee", RESOURCES, "What it always gets.")
          .has("used", RESOURCES, "What its instances take.")
          .has("borrowed", RESOURCES, "How much of that may be reclaimed.")
          .has("lent", RESOURCES, "How much of its guarantee others use.")
          .may("limit", Value.object(ResourceDocument.LIMIT), "The most.");

  private static final Form GROUP_STATUS =
      Form.of("GroupStatus", "How a group is.")
          .has("pools", Value.map(Value.object(POOL_USE)), "By pool.");

  public static final Form GROUP =
      Form.shown("GroupAnswer", "A group, and how it is.", GroupDocument.FORM)
          .has("version", COUNT, "Of the document.")
          .may("status", Value.object(GROUP_STATUS), "How it is; not in the answer of a PUT.")
          .may("effects", Value.object(EFFECTS), "In the answer of a change.");

  private static final Form BREACH =
      Form.of("Breach", "An instance that its job's newest version would not have where it is.")
          .has("instance", TEXT, "Which.")
          .has("rule", TEXT, "Against which rule.")
          .has("detail", TEXT, "In words.")
          .has("then", TEXT, "What is done about it.");

  private static final Form UNREACHABLE =
      Form.of("Unreachable", "Instances that nobody can see.")
          .has("instances", COUNT, "How many.")
          .has("since", TIME, "The first of them.")
          .has("until", TIME, "When it gets another attempt.")
          .has("why", TEXT, "In words.");

  private static final Form CONDEMNED =
      Form.of("Condemned", "Instances that failed their check too often and run on for now.")
          .has("instances", COUNT, "How many.")
          .has("why", TEXT, "In words.");

  private static final Form BACK_OFF =
      Form.of("BackOff", "Waits after failures, before another attempt.")
          .has("until", TIME, "Of several: the first.")
          .has("failures", COUNT, "In a row.")
          .may("why", TEXT, "How the last attempt ended.")
          .may("instances", COUNT, "Of a job: how many wait so.");

  private static final Form HELD =
      Form.of("Held", "Instances that are wanted and do not exist yet.")
          .has("instances", COUNT, "How many.")
          .has("reason", TEXT, "In one word.")
          .has("detail", TEXT, "In words.");

  private static final Form RUN =
      Form.of("Run", "What has become of a batch job's run.")
          .has("number", COUNT, "Which.")
          .has("state", Value.word("ACTIVE", "FINISHED", "FAILED"), "How it is.")
          .has("began", TIME, "When.")
          .may("ended", TIME, "When.")
          .may("finished", COUNT, "Instances.")
          .may("failed", COUNT, "Instances.")
          .may("why", TEXT, "Why it failed.");

  private static final Form AVOIDED =
      Form.of("AvoidedHost", "A host on which the job's attempts failed again and again.")
          .has("host", TEXT, "Which.")
          .has("failures", COUNT, "How many.")
          .has("why", TEXT, "How they ended.")
          .has("until", TIME, "Until when it is kept away from.");

  private static final Form JOB_STATUS =
      Form.of("JobStatus", "How a job is.")
          .has("phase", Value.word(JobPhase.class, Enum::name), "Whether it stays.")
          .has("created", TIME, "When.")
          .has("instances", COUNT, "That there are.")
          .has("ready", COUNT, "That run and have passed their check.")
          .has("current", COUNT, "That run the newest version.")
          .has("states", Value.map(COUNT).keys("[A-Z]+"), "How many in each state.")
          .may("breaks", Value.list(BREACH), "At most 100 that break its own rules.")
          .may("violations", Value.list(VIOLATION), "What its group's rules forbid.")
          .may("unreachable", Value.object(UNREACHABLE), "Those that nobody can see.")
          .may("condemned", Value.object(CONDEMNED), "Those that fail their check.")
          .may("backOff", Value.object(BACK_OFF), "Those that wait after failures.")
          .may("held", Value.object(HELD), "Those that do not exist yet.")
          .may("runs", Value.list(RUN), "Of a batch job, the newest first.");

  public static final Form JOB =
      Form.shown("JobAnswer", "A job, and how it is.", JobDocument.FORM)
          .has("version", COUNT, "Of the document.")
          .has("status", Value.object(JOB_STATUS), "How it is.")
          .may("effects", Value.object(EFFECTS), "In the answer of a change.")
          .may("warnings", Value.list(WARNING), "In the answer of a change.");

  public static final Form REVISION =
      Form.of("Revision", "What instances of a job run, and who made it so.")
          .has("revision", COUNT, "Its number.")
          .has("current", Value.bool(), "Whether it is what all are to run.")
          .may("by", TEXT, "The name of the token; absent where none is asked for.")
          .has("at", TIME, "When.")
          .has("instances", COUNT, "That run it.")
          .some(JobDocument.FORM, RevisionDocument.CONTENT);

  private static final Form WAITING =
      Form.of("Waiting", "Why an instance waits, or why nothing is done about it yet.")
          .has("reason", TEXT, "In one word.")
          .has("hosts", COUNT, "For how many hosts it holds.")
          .has("detail", TEXT, "In words.")
          .may("freedBy", TEXT, "What would end it.");

  private static final Form DEPLOYMENT_WAITING =
      Form.of("DeploymentWaiting", "Why no more is done about a deployment now.")
          .has("reason", TEXT, "In one word.")
          .has("detail", TEXT, "In words.")
          .has("freedBy", TEXT, "What would end it.");

  public static final Form DEPLOYMENT =
      Form.of("Deployment", "What carries a job from one revision to another.")
          .has("id", TEXT, "The job's, an @, and its number.")
          .has("job", TEXT, "Whose.")
          .has("from", COUNT, "The revision that it came from.")
          .has("to", COUNT, "The revision that it brings.")
          .has("state", Value.word(DeploymentState.class, Enum::name), "Where it is.")
          .may("by", TEXT, "The name of the token; absent where none is asked for.")
          .may("why", TEXT, "Why it is where it is.")
          .may("canaries", COUNT, "Instances that are replaced first; 0: all at once.")
          .may("updated", COUNT, "Instances that run the new revision.")
          .may("healthy", COUNT, "Of those, so many as count.")
          .may("total", COUNT, "Instances in all.")
          .may("deadline", TIME, "When it fails if nothing gets on.")
          .may("waiting", Value.object(DEPLOYMENT_WAITING), "Why no more is done now.")
          .has("began", TIME, "When.")
          .has("since", TIME, "When it came to its state.");

  private static final Form ATTEMPT =
      Form.of("Attempt", "An attempt that is over.")
          .has("taskId", TEXT, "Its task.")
          .has("host", TEXT, "Where.")
          .has("state", TASK_STATE, "How it ended.")
          .has("reason", TEXT, "In Mesos' word.")
          .has("message", TEXT, "In words.")
          .has("at", TIME, "When.");

  public static final Form INSTANCE =
      Form.of("Instance", "One of a job's instances.")
          .has("id", TEXT, "The job's, a #, and its number.")
          .has("job", TEXT, "Whose.")
          .has("state", STATE, "How it is.")
          .may("version", COUNT, "Of what it runs.")
          .may("healthy", Value.bool(), "What its check said last.")
          .may("label", LABEL, "Of what it takes.")
          .may("labelReason", TEXT, "Why it is borrowed.")
          .may("pool", TEXT, "Where.")
          .may("host", TEXT, "On which host.")
          .may("address", TEXT, "At which address.")
          .may("ports", Value.map(Value.whole(1, 65535)), "On the host, by name.")
          .may("taskId", TEXT, "The task's.")
          .has("since", TIME, "When that began.")
          .has("restarts", COUNT, "How often it was started again.")
          .may("retries", COUNT, "How often it was tried again in this run.")
          .may("why", TEXT, "Why it is as it is.")
          .has("resources", RESOURCES, "What it takes, or would take.")
          .may("backOff", Value.object(BACK_OFF), "That it waits after failures.")
          .may("waiting", Value.list(WAITING), "The most telling reason first.")
          .may("history", Value.list(ATTEMPT), "The last ten attempts, the oldest first.");

  private static final Form MAINTENANCE =
      Form.of("Maintenance", "When a machine is away, by the master's schedule.")
          .has("start", TIME, "From then on.")
          .may("end", TIME, "Until then; nobody has said if it is left out.");

  private static final Form REMAINS =
      Form.of("Remains", "What a lost executor may have left.")
          .has("taskId", TEXT, "Its task.")
          .has("instance", TEXT, "Which.")
          .has("resources", RESOURCES, "What it holds.")
          .has("ports", Value.list(Value.whole(0, 65535)), "Of the host.")
          .has("since", TIME, "When it was lost.");

  private static final Form ENGINE =
      Form.of("Engine", "What runs containers or processes there.")
          .has("name", TEXT, "Its name.")
          .has("ready", Value.bool(), "Whether it answers.")
          .has("detail", TEXT, "In words.")
          .has("clean", Value.bool(), "Whether nothing is left of earlier executors.");

  private static final Form REPORT =
      Form.of("HostReport", "What its warden said last.")
          .has("at", TIME, "When.")
          .may("processors", COUNT, "How many.")
          .may("memoryMiB", COUNT, "MiB of memory.")
          .may("diskMiB", COUNT, "MiB of disk.")
          .may("diskFreeMiB", COUNT, "MiB of disk that are free.")
          .may("clockOffsetMs", Value.whole(Long.MIN_VALUE, Long.MAX_VALUE), "Its clock is off.")
          .has("engines", Value.list(ENGINE), "What runs things there.");

  private static final Form HOST_WARNING =
      Form.of("HostWarning", "What a person should look at.")
          .has("kind", hostWarnings(), "What kind.")
          .has("detail", TEXT, "In words.");

  public static final Form HOST =
      Form.of("Host", "A host; or a machine in nobody's books, that has fewer fields.")
          .has("id", TEXT, "Its name.")
          .has("pool", TEXT, "In which pool; empty: in none.")
          .may("zone", TEXT, "Its pool's.")
          .has("condition", conditions(), "How it is.")
          .may("by", Value.word("operator", "mesos", "springtide"), "By whose word.")
          .may("wish", Value.word(Host.Wish.class), "What is wanted of it.")
          .may("maintenance", Value.object(MAINTENANCE), "When its machine is away.")
          .has("hostname", TEXT, "Its agent's.")
          .may("attributes", Value.map(TEXT), "Its agent's.")
          .may("resources", RESOURCES, "In all.")
          .may("instances", COUNT, "That are there.")
          .may("usedGuaranteed", RESOURCES, "By instances within guarantees.")
          .may("usedBorrowed", RESOURCES, "By instances that borrow.")
          .may("usedBurst", RESOURCES, "By instances of on-demand pools.")
          .may("remains", Value.list(REMAINS), "What lost executors may have left.")
          .has("agentId", TEXT, "Mesos' name of its agent.")
          .may("order", TEXT, "The order that it came by.")
          .has("since", TIME, "When that began.")
          .may("report", Value.object(REPORT), "What its warden said last.")
          .may("warnings", Value.list(HOST_WARNING), "What a person should look at.");

  private static final Form FAILURE_OF_ORDER =
      Form.of("OrderError", "Why a cloud did not take an order.")
          .has("kind", Value.word(CloudTrouble.Kind.class), "What kind of trouble.")
          .has("message", TEXT, "In the cloud's words.")
          .has("at", TIME, "When.");

  public static final Form ORDER =
      Form.of("Order", "Hosts asked of a cloud whose answer is still to come.")
          .has("id", TEXT, "Its name.")
          .has("pool", TEXT, "For which pool.")
          .has("driver", TEXT, "By which driver.")
          .has("hosts", COUNT, "How many.")
          .has("resources", RESOURCES, "Of one.")
          .has("since", TIME, "When it was decided.")
          .has("state", Value.word(OrderProgress.Phase.class), "How far it is.")
          .has("attempts", COUNT, "How often it was sent.")
          .may("asked", TIME, "When it was last sent.")
          .may("again", TIME, "When it is sent again.")
          .may("error", Value.object(FAILURE_OF_ORDER), "Why it was not taken.");

  /** What anybody may know of a token who may know of tokens. */
  public static final Form TOKEN =
      Form.of("Token", "Who may ask, and what; never the secret.")
          .has("name", Value.text(Names.NAME_FORM), "Who uses it.")
          .has("role", Value.word("viewer", "operator", "admin"), "What it may.")
          .may("groups", IDS, "Of which an operator is; all if it is left out.")
          .has("created", TIME, "When.")
          .may("expires", TIME, "When it ends.")
          .may("used", TIME, "The last time, to the hour.");

  /** The only answer that has the secret. */
  public static final Form NEW_TOKEN =
      Form.shown("NewToken", "A token, this once.", TOKEN)
          .has("token", Value.text("tide_[A-Za-z0-9_-]+"), "The secret.");

  private static final Form REASON =
      Form.of("Reason", "Why so many instances wait.")
          .has("reason", TEXT, "In one word.")
          .has("instances", COUNT, "How many wait for it.")
          .has("hosts", COUNT, "For how many hosts it holds.")
          .has("detail", TEXT, "In words.")
          .may("freedBy", TEXT, "What would end it.");

  private static final Form FAILURE =
      Form.of("FailureSeen", "Attempts that ended in the same words.")
          .has("state", TASK_STATE, "How they ended.")
          .has("reason", TEXT, "In Mesos' word.")
          .has("message", TEXT, "In words.")
          .has("attempts", COUNT, "How many.")
          .has("instances", COUNT, "Of how many instances.")
          .has("hosts", COUNT, "On how many hosts.")
          .has("instance", TEXT, "Of the last.")
          .has("host", TEXT, "Of the last.")
          .has("taskId", TEXT, "Of the last.")
          .has("at", TIME, "Of the last.");

  private static final Form AMISS =
      Form.of("InstanceAmiss", "An instance that waits, failed last time, or is out of sight.")
          .has("id", TEXT, "Which.")
          .has("state", STATE, "How it is.")
          .has("since", TIME, "When that began.")
          .may("notBefore", TIME, "Of one that waits: not before then.")
          .has("restarts", COUNT, "How often it was started again.")
          .has("failures", COUNT, "In a row.")
          .has("waiting", Value.list(WAITING), "The most telling reason first.")
          .may("lastState", TASK_STATE, "How its last attempt ended.")
          .may("lastMessage", TEXT, "In words.")
          .may("lastHost", TEXT, "Where.")
          .may("lastAt", TIME, "When.");

  public static final Form EXPLAIN =
      Form.of("Explanation", "Why a job is not as it is wanted.")
          .has("job", TEXT, "Which.")
          .has("wanted", COUNT, "Instances.")
          .has("pending", COUNT, "Instances that wait for a place.")
          .has("reasons", Value.list(REASON), "The most telling first.")
          .has("failures", Value.list(FAILURE), "The latest first, at most 10.")
          .may("avoids", Value.list(AVOIDED), "Hosts that it keeps away from.")
          .may("breaks", Value.list(BREACH), "At most 100 that break its own rules.")
          .may("violations", Value.list(VIOLATION), "What its group's rules forbid.")
          .has("instances", Value.list(AMISS), "At most 100 of those that are not well.");

  private static final Form COST =
      Form.of("CostPerHour", "Of all hosts.")
          .has("before", MONEY, "As things are.")
          .has("after", MONEY, "As they would be.");

  private static final Form PLANNED_ORDER =
      Form.of("PlannedOrder", "Hosts that would be ordered.")
          .has("pool", TEXT, "For which pool.")
          .has("hosts", COUNT, "How many.")
          .has("costPerHour", MONEY, "Of all of them.");

  private static final Form PLACEMENT =
      Form.of("Placement", "Instances of one job on one host.")
          .has("job", TEXT, "Whose.")
          .has("pool", TEXT, "Where.")
          .has("host", TEXT, "On which host.")
          .has("toCome", Value.bool(), "Whether the host is not there yet.")
          .has("label", LABEL, "Of what they take.")
          .has("instances", COUNT, "How many.");

  private static final Form UNPLACED =
      Form.of("Unplaced", "Instances of one job that would wait.")
          .has("job", TEXT, "Whose.")
          .has("instances", COUNT, "How many.")
          .has("reasons", Value.list(WAITING), "The most telling first.");

  /** What changes would bring about. */
  public static final Form PLAN =
      Form.of("Plan", "The end that things would come to.")
          .has("version", COUNT, "Of the state that it is reckoned on.")
          .has("costPerHour", Value.object(COST), "What it would cost.")
          .has("orders", Value.list(PLANNED_ORDER), "Hosts that would be ordered.")
          .has("releases", IDS, "Hosts that would be given back.")
          .has("evictions", Value.list(EVICTION), "Who would make way.")
          .has("demotions", Value.list(DEMOTION), "Who would lose a guarantee.")
          .has("promotions", IDS, "What would be guaranteed and was borrowed.")
          .has("stops", IDS, "What would be stopped or replaced.")
          .has("violations", Value.list(VIOLATION), "What would be against the rules.")
          .has("placements", Value.list(PLACEMENT), "What would be started where.")
          .has("waiting", Value.list(UNPLACED), "What would wait, and for what.");

  private static final Value PROGRESS = Value.word("running", "done", "failed");

  private static final Form PROXY =
      Form.of("ImageAtProxy", "How far an image is at one registry proxy.")
          .has("url", TEXT, "Its address.")
          .has("state", PROGRESS, "How far it is.")
          .has("bytes", COUNT, "In all, as far as is known.")
          .has("storedBytes", COUNT, "That are there.")
          .may("error", TEXT, "Why it failed.");

  /** How far an image is. */
  public static final Form IMAGE =
      Form.of("ImageProgress", "How far an image is at the registry proxies of a pool's zone.")
          .has("image", TEXT, "Which.")
          .has("pool", TEXT, "For which pool.")
          .has("state", PROGRESS, "done when all of it is everywhere.")
          .has("bytes", COUNT, "In all, as far as is known.")
          .has("storedBytes", COUNT, "That are there.")
          .has("proxies", Value.list(PROXY), "Each by itself.");

  /** A line of the audit. */
  public static final Form DEED =
      Form.of("Deed", "What was done, or refused.")
          .has("at", TIME, "When.")
          .has("who", TEXT, "The token's name; empty: nobody that is known.")
          .has("from", TEXT, "From which address.")
          .has("what", TEXT, "Method and path.")
          .has("status", Value.whole(100, 599), "Of the answer.")
          .may("times", COUNT, "How often, of refusals that were added up.")
          .may("version", COUNT, "Of the commit that made it durable.")
          .others(Value.any());

  /** Something that has changed. */
  public static final Form EVENT =
      Form.of("Event", "Something that has changed.")
          .has("id", TEXT, "Behind which a reader goes on.")
          .may("at", TIME, "When it was seen.")
          .has(
              "event",
              Value.word("job", "deployment", "instance", "host", "pool", "health", "reset"),
              "What kind of thing.")
          .has("data", Value.map(Value.any()), "The thing as it is now.");

  /** How the process is. */
  public static final Form HEALTH =
      Form.of("ServerHealth", "How this server is.")
          .has(
              "status",
              Value.word("leading", "standby", "starting", "unsure", "hangs"),
              "What it does.")
          .may("mesos", Value.word("subscribed", "disconnected"), "Whether the master has it.")
          .may("frameworkId", TEXT, "Mesos' name of the framework.")
          .may("version", COUNT, "Of the newest durable state.")
          .others(Value.any());

  /** What is said when something is refused or fails. */
  public static final Form PROBLEM =
      Form.of("Problem", "What is wrong, where, and how to mend it (RFC 9457).")
          .has("title", TEXT, "In few words.")
          .has("status", Value.whole(400, 599), "Of the answer.")
          .has("detail", TEXT, "What is wrong.")
          .may("field", TEXT, "Of the document, or the parameter's or header's name.")
          .may("fix", TEXT, "What to do.");

  /** In which condition a host can be. */
  public static final Value CONDITION = conditions();

  private Shape() {}

  private static Value conditions() {
    return with(Value.word(HostCondition.class), ReadDocuments.UNLISTED);
  }

  private static Value hostWarnings() {
    return with(Value.word(HostReport.Kind.class), ReadDocuments.UNLISTED);
  }

  private static Value with(Value words, String more) {
    return Value.word(
        java.util.stream.Stream.concat(words.words.stream(), java.util.stream.Stream.of(more))
            .toArray(String[]::new));
  }

  /** A page of a list. */
  public static Form page(Form of) {
    return Form.of(of.name() + "Page", "A part of a list; no next, no more.")
        .has("items", Value.list(of), "In order of their names.")
        .may("next", TEXT, "To be passed on as cursor.");
  }
}
