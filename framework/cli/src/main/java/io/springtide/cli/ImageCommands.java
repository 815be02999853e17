package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide image …}. */
@Command(name = "image", description = "Brings images near to where they will run.")
final class ImageCommands {
  private static final long PAUSE_MILLIS = 300;
  private static final int BAR = 30;

  @ParentCommand private TideMain tide;
  private String told = "";

  @Command(
      name = "warm",
      description =
          "Has the registry proxies of a pool's zone fetch an image, and waits until all of it is"
              + " there.")
  int warm(
      @Parameters(paramLabel = "IMAGE", description = "such as feed/api:1.2") String image,
      @Option(names = "--pool", paramLabel = "NAME", required = true) String pool,
      @Option(
              names = "--timeout",
              paramLabel = "SECONDS",
              defaultValue = "600",
              description = "default: ${DEFAULT-VALUE}")
          long timeout,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    Api api = tide.api();
    String path = "/v1/pools/" + Api.segment(pool) + "/images";
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeout);
    JsonNode wanted = Api.JSON.createObjectNode().put("image", image);
    if (dry.run()) {
      return dry.send(tide, "POST " + path + ":warm " + wanted, "/v1/pools/" + Api.segment(pool));
    }
    JsonNode state = api.post(path + ":warm", wanted).body();
    while (true) {
      tell(image, state);
      String word = Show.text(state, "state");
      if (!word.equals("running")) {
        return finish(state, word);
      }
      if (System.nanoTime() - deadline > 0) {
        tide.err().println("Not there after " + timeout + " s; it may still come.");
        return ExitCodes.TIMEOUT;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      state = api.get(path + "?image=" + Api.segment(image));
    }
  }

  /** One line for each step of the bar. */
  private void tell(String image, JsonNode state) {
    long bytes = state.path("bytes").asLong();
    long stored = state.path("storedBytes").asLong();
    int filled = bytes == 0 ? 0 : (int) Math.min(BAR, stored * BAR / bytes);
    String bar = "[" + "#".repeat(filled) + ".".repeat(BAR - filled) + "]";
    if (tide.table() && bytes > 0 && !bar.equals(told)) {
      told = bar;
      tide.out().printf("%s %s %d of %d MiB%n", image, bar, mebibytes(stored), mebibytes(bytes));
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private int finish(JsonNode state, String word) throws ApiException {
    if (!tide.printed(state) && word.equals("done")) {
      tide.out()
          .println(
              Show.text(state, "image")
                  + " is at "
                  + state.path("proxies").size()
                  + (state.path("proxies").size() == 1 ? " proxy" : " proxies")
                  + " of "
                  + Show.text(state, "pool"));
    }
    for (JsonNode proxy : state.path("proxies")) {
      if (Show.text(proxy, "state").equals("failed")) {
        tide.err().println("tide: " + Show.text(proxy, "url") + ": " + Show.text(proxy, "error"));
      }
    }
    return word.equals("done") ? ExitCodes.OK : ExitCodes.REFUSED;
  }
}
