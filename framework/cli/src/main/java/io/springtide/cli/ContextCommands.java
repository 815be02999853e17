package io.springtide.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide context …}. */
@Command(name = "context", description = "Names clusters, and says which one is asked.")
final class ContextCommands {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists contexts; * is the current one.")
  int list() throws ApiException {
    Contexts contexts = Contexts.of(tide.around());
    String current = contexts.current().orElse("");
    ArrayNode all = Api.JSON.createArrayNode();
    Table table = new Table("", "NAME", "API", "TOKEN FILE", "CA");
    contexts
        .all()
        .properties()
        .forEach(
            one -> {
              boolean isCurrent = one.getKey().equals(current);
              ObjectNode document = all.addObject().put("name", one.getKey());
              document.setAll((ObjectNode) one.getValue());
              document.put("current", isCurrent);
              table.row(
                  isCurrent ? "*" : "",
                  one.getKey(),
                  Show.text(one.getValue(), "api"),
                  Show.text(one.getValue(), "tokenFile"),
                  Show.text(one.getValue(), "ca"));
            });
    if (!tide.printed(all)) {
      table.print(tide.out());
    }
    return ExitCodes.OK;
  }

  @Command(name = "use", description = "Makes a context the current one.")
  int use(@Parameters(paramLabel = "NAME") String name, @Mixin Dry dry) throws ApiException {
    Contexts contexts = Contexts.of(tide.around());
    String api = contexts.get(name).path("api").asText();
    if (dry.run()) {
      tide.say("would ask %s from then on, at %s", name, api);
      return ExitCodes.OK;
    }
    contexts.use(name);
    contexts.save();
    tide.say("%s is asked from now on, at %s", name, api);
    return ExitCodes.OK;
  }

  @Command(
      name = "set",
      description = "Makes or changes a context, by --api, --token-file and --ca.",
      footer = {
        "",
        "  tide context set prod --api https://springtide.example --token-file ~/.tide-prod",
        "  tide context use prod"
      })
  int set(@Parameters(paramLabel = "NAME") String name, @Mixin Dry dry) throws ApiException {
    if (!name.matches(NAME)) {
      throw new ApiException(
          ExitCodes.USAGE,
          "'" + name + "' is not a context's name",
          "",
          "write letters, digits, dots, dashes and underscores");
    }
    Contexts contexts = Contexts.of(tide.around());
    Target target = tide.target();
    ObjectNode one = contexts.all().withObjectProperty(name);
    if (target.api != null) {
      one.put("api", Target.server(target.api).toString());
    }
    put(one, "tokenFile", target.tokenFile);
    put(one, "ca", target.ca);
    if (!one.has("api")) {
      throw new ApiException(
          ExitCodes.USAGE, "context '" + name + "' names no server", "--api", "say --api URL");
    }
    if (one.has("ca") && !one.path("api").asText().startsWith("https:")) {
      throw new ApiException(
          ExitCodes.USAGE,
          "a CA says nothing of a server that is asked without TLS",
          "--ca",
          "ask it by https, or leave the CA out");
    }
    if (dry.run()) {
      tide.say("would write the context %s: %s", name, one);
      return ExitCodes.OK;
    }
    contexts.save();
    tide.say(
        "%s is %s%s",
        name,
        one.path("api").asText(),
        contexts.current().filter(name::equals).isPresent()
            ? ", and is the current one"
            : "; 'tide context use " + name + "' makes it the current one");
    return ExitCodes.OK;
  }

  private static void put(ObjectNode context, String key, Path file) throws ApiException {
    if (file == null) {
      return;
    }
    if (!java.nio.file.Files.isReadable(file)) {
      throw new ApiException(
          ExitCodes.USAGE, "there is no file " + file + " that you may read", key, "name another");
    }
    context.put(key, file.toAbsolutePath().normalize().toString());
  }

  @Command(name = "delete", description = "Forgets a context; its files stay.")
  int delete(@Parameters(paramLabel = "NAME") String name, @Mixin Dry dry) throws ApiException {
    Contexts contexts = Contexts.of(tide.around());
    contexts.get(name);
    boolean wasCurrent = contexts.current().filter(name::equals).isPresent();
    if (dry.run()) {
      tide.say("would forget %s%s", name, wasCurrent ? ", and no context would be current" : "");
      return ExitCodes.OK;
    }
    contexts.all().remove(name);
    if (wasCurrent) {
      contexts.use(null);
    }
    contexts.save();
    tide.say("%s is forgotten%s", name, wasCurrent ? "; no context is current now" : "");
    return ExitCodes.OK;
  }
}
