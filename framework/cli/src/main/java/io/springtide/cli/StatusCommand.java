package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code tide status}. */
@Command(
    name = "status",
    description =
        "Says how the cluster is: whether it is led, its hosts by pool and condition, its instances"
            + " by state, the jobs that are not whole and why, and the orders that are open.")
final class StatusCommand implements Callable<Integer> {
  /** Each that is told asks once more for its reasons. */
  private static final int MOST_JOBS = 20;

  @ParentCommand private TideMain tide;

  @Mixin private Watch watch;

  @Override
  public Integer call() throws ApiException, InterruptedException {
    return watch.show(tide, this::show);
  }

  private int show() throws ApiException, InterruptedException {
    ObjectNode status = status(tide.api());
    if (!tide.printed(status)) {
      print(status, tide.out());
    }
    return ExitCodes.OK;
  }

  private static ObjectNode status(Api api) throws ApiException, InterruptedException {
    ObjectNode status = Api.JSON.createObjectNode();
    status.set("health", api.get("/healthz"));
    ObjectNode pools = status.putObject("pools");
    for (JsonNode pool : api.all("/v1/pools")) {
      pools.putObject(pool.path("name").asText());
    }
    api.each(
        "/v1/hosts",
        host -> add(pools.withObjectProperty(host.path("pool").asText()), host, "condition"));
    ObjectNode states = status.putObject("instances");
    ArrayNode broken = Api.JSON.createArrayNode();
    api.each(
        "/v1/jobs",
        job -> {
          job.path("status")
              .path("states")
              .properties()
              .forEach(
                  state ->
                      states.put(
                          state.getKey(),
                          states.path(state.getKey()).asInt() + state.getValue().asInt()));
          if (!isWhole(job)) {
            broken.add(job);
          }
        });
    ArrayNode jobs = status.putArray("jobs");
    for (JsonNode job : broken) {
      jobs.addObject()
          .put("id", job.path("id").asText())
          .put("ready", job.path("status").path("ready").asInt())
          .put("wanted", wanted(job))
          .put("why", jobs.size() <= MOST_JOBS ? why(api, job) : "see tide job status");
    }
    status.set("orders", api.all("/v1/orders"));
    return status;
  }

  private static void add(ObjectNode counts, JsonNode thing, String field) {
    String word = thing.path(field).asText();
    counts.put(word, counts.path(word).asInt() + 1);
  }

  private static int wanted(JsonNode job) {
    return job.path("instances").asInt(job.path("status").path("instances").asInt());
  }

  private static boolean isWhole(JsonNode job) {
    JsonNode status = job.path("status");
    JsonNode states = status.path("states");
    int finished = states.path("FINISHED").asInt();
    String phase = status.path("phase").asText("ACTIVE");
    return (phase.equals("ACTIVE") || phase.equals("FINISHED"))
        && states.path("FAILED").asInt() == 0
        && status.path("instances").asInt() == wanted(job)
        && Math.min(status.path("ready").asInt(), status.path("current").asInt()) + finished
            >= wanted(job);
  }

  /** The first of its reasons. */
  private static String why(Api api, JsonNode job) throws ApiException, InterruptedException {
    JsonNode status = job.path("status");
    if (status.path("phase").asText().equals("REMOVING")) {
      return "it is being stopped";
    }
    JsonNode explained =
        api.find("/v1/jobs/" + Api.segment(job.path("id").asText()) + "/explain")
            .orElse(Api.JSON.nullNode());
    JsonNode reason = explained.path("reasons").path(0);
    if (!reason.isMissingNode()) {
      return reason.path("reason").asText() + ": " + reason.path("detail").asText();
    }
    JsonNode failure = explained.path("failures").path(0);
    if (!failure.isMissingNode()) {
      return failure.path("state").asText() + ": " + failure.path("message").asText();
    }
    JsonNode broken = status.path("breaks").path(0);
    if (!broken.isMissingNode()) {
      return broken.path("detail").asText();
    }
    int earlier = status.path("instances").asInt() - status.path("current").asInt();
    return earlier > 0 ? earlier + " do not run the newest version yet" : "it is starting";
  }

  private static void print(JsonNode status, Screen out) {
    JsonNode health = status.path("health");
    out.println(
        "The server is "
            + out.states(Show.text(health, "status"))
            + (health.has("mesos")
                ? ", Mesos "
                    + out.states(Show.text(health, "mesos"))
                    + ", framework "
                    + Show.text(health, "frameworkId")
                : ""));
    Table pools = new Table("POOL", "HOSTS", "CONDITION");
    status
        .path("pools")
        .properties()
        .forEach(
            pool -> {
              int hosts = 0;
              for (JsonNode count : pool.getValue()) {
                hosts += count.asInt();
              }
              pools.row(
                  pool.getKey().isEmpty() ? Show.NOTHING : pool.getKey(),
                  Integer.toString(hosts),
                  counts(pool.getValue()));
            });
    pools.print(out);
    out.println("Instances: " + out.states(counts(status.path("instances"))));
    jobs(status.path("jobs"), out);
    if (status.path("orders").isEmpty()) {
      out.println("No order is open.");
    } else {
      out.println("Orders that are open:");
      OrderCommands.table(status.path("orders"), out).print(out);
    }
  }

  private static void jobs(JsonNode jobs, Screen out) {
    if (jobs.isEmpty()) {
      out.println("All jobs are whole.");
      return;
    }
    out.println(jobs.size() + (jobs.size() == 1 ? " job is" : " jobs are") + " not whole:");
    Table table = new Table("JOB", "READY", "WHY");
    for (int i = 0; i < Math.min(MOST_JOBS, jobs.size()); i++) {
      JsonNode job = jobs.get(i);
      table.row(
          Show.text(job, "id"),
          job.path("ready").asText() + "/" + job.path("wanted").asText(),
          Show.text(job, "why"));
    }
    table.print(out);
    if (jobs.size() > MOST_JOBS) {
      out.println("and " + (jobs.size() - MOST_JOBS) + " more; see 'tide job list'");
    }
  }

  /** {@code 3 ready, 1 lost}. */
  private static String counts(JsonNode counts) {
    StringJoiner text = new StringJoiner(", ");
    text.setEmptyValue("none");
    counts.properties().forEach(one -> text.add(one.getValue().asText() + " " + one.getKey()));
    return text.toString();
  }
}
