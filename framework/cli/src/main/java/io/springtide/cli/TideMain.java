package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code tide} command. */
@Command(
    name = "tide",
    description = "Asks a Springtide framework to run jobs, and shows what runs where and why.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = TideMain.Version.class)
public final class TideMain {
  /** The fields that name documents; of a job's explanation or a warmed image as well. */
  private static final List<String> NAMES = List.of("id", "path", "name", "job", "image");

  @Mixin private Target target;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      defaultValue = "table",
      description =
          "table, json, yaml (documents as they can be put again) or name (one a line);"
              + " default: ${DEFAULT-VALUE}")
  private Format format;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      scope = ScopeType.INHERIT,
      defaultValue = "auto",
      description =
          "states and conditions in colours: auto (on a terminal, unless NO_COLOR is set), always"
              + " or never; default: ${DEFAULT-VALUE}")
  private Color color;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "what a command does, and how")
  @SuppressWarnings("UnusedVariable") // picocli reads it by its annotation.
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "which version this is")
  @SuppressWarnings("UnusedVariable") // picocli reads it by its annotation.
  private boolean version;

  /** Whoever asks for one command waits for no other to be made. */
  private static final Map<String, Class<?>> COMMANDS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("job", JobCommands.class),
              Map.entry("instance", InstanceCommands.class),
              Map.entry("pool", PoolCommands.class),
              Map.entry("group", GroupCommands.class),
              Map.entry("host", HostCommands.class),
              Map.entry("order", OrderCommands.class),
              Map.entry("deploy", DeployCommands.class),
              Map.entry("status", StatusCommand.class),
              Map.entry("token", TokenCommands.class),
              Map.entry("audit", AuditCommand.class),
              Map.entry("state", StateCommands.class),
              Map.entry("completion", CompletionCommand.class),
              Map.entry("context", ContextCommands.class),
              Map.entry("image", ImageCommands.class),
              Map.entry("events", EventsCommand.class),
              Map.entry("explain", ExplainCommand.class),
              Map.entry("plan", PlanCommand.class)));

  /** How results are printed. */
  enum Format {
    table,
    json,
    yaml,
    name
  }

  /** When states have colours. */
  enum Color {
    auto,
    always,
    never
  }

  private final Surroundings around;
  private Screen screen;
  private Api api;

  private TideMain(Surroundings around) {
    this.around = around;
  }

  public static void main(String[] arguments) {
    // A change that may have come about is not sent again behind the user's back.
    System.setProperty("sun.net.http.retryPost", "false");
    System.exit(run(Surroundings.real(), arguments));
  }

  /** Runs one command and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return run(Surroundings.of(out, err), arguments);
  }

  static int run(Surroundings around, String... arguments) {
    CommandLine tide = new CommandLine(new TideMain(around));
    Set<String> named = new HashSet<>(COMMANDS.keySet());
    named.retainAll(Arrays.asList(arguments));
    for (String name : named.isEmpty() ? COMMANDS.keySet() : named) {
      tide.addSubcommand(COMMANDS.get(name));
    }
    tide.setHelpFactory(TideMain::help);
    return tide.setOut(around.out())
        .setErr(around.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Unknown::handle)
        .setExecutionExceptionHandler(
            (e, command, result) -> {
              if (e instanceof ApiException told) {
                around.err().println(told.text());
                return told.exitCode();
              }
              throw e;
            })
        .execute(arguments);
  }

  /** The command with all that it has, for who wants to know it and not to run it. */
  static CommandLine whole() {
    CommandLine tide = new CommandLine(new TideMain(Surroundings.of(nowhere(), nowhere())));
    COMMANDS.values().forEach(tide::addSubcommand);
    return tide;
  }

  private static PrintWriter nowhere() {
    return new PrintWriter(Writer.nullWriter());
  }

  /** Of the whole command there is one help, which 'tide' without arguments prints as well. */
  private static CommandLine.Help help(CommandSpec spec, CommandLine.Help.ColorScheme colors) {
    if (spec.parent() == null) {
      spec.usageMessage().sectionKeys(List.of("tide"));
      spec.usageMessage().sectionMap().put("tide", ignored -> resource("help.txt"));
    }
    return new CommandLine.Help(spec, colors);
  }

  private static String resource(String name) {
    try (InputStream in = TideMain.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The version that was built. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "tide " + System.getProperty("springtide.version", "of the source tree")
      };
    }
  }

  /** The server that is asked. */
  Api api() throws ApiException {
    if (api == null) {
      api = target.api(around);
    }
    return api;
  }

  Target target() {
    return target;
  }

  Format format() {
    return format;
  }

  /** Whether a person reads what is printed, and no program. */
  boolean table() {
    return format == Format.table;
  }

  /**
   * Prints an answer, or each of a list, in the form that is asked for; returns whether one is that
   * is not for people.
   *
   * @throws ApiException if names are asked for, and this has none
   */
  boolean printed(JsonNode answer) throws ApiException {
    switch (format) {
      case json -> out().println(answer.toPrettyString());
      case yaml -> {
        out().print(Files.yaml(answer));
        out().flush();
      }
      case name -> {
        for (JsonNode one : answer.isArray() ? answer : List.of(answer)) {
          out().println(name(one));
        }
      }
      case table -> {}
    }
    return !table();
  }

  /** What a document is called, by whichever field names its kind. */
  private static String name(JsonNode document) throws ApiException {
    for (String key : NAMES) {
      if (document.path(key).isTextual()) {
        return document.path(key).asText();
      }
    }
    throw new ApiException(
        ExitCodes.USAGE, "what this command prints has no names", "--output", "write -o json");
  }

  /** Prints a line. */
  void say(String format, Object... values) {
    out().println(format.formatted(values));
  }

  /** Says what became of a change, and what it brings about. */
  void changed(Api.Answer answer, String line) throws ApiException {
    if (!printed(answer.body())) {
      out().println(line);
      Show.effects(answer.body(), out());
    }
  }

  /**
   * Puts each document of a file.
   *
   * @param kind {@code pool} or {@code group}
   * @param key what names one
   */
  int putAll(Path file, String kind, String key, Dry dry)
      throws ApiException, InterruptedException {
    List<ObjectNode> documents = Files.read(file, key);
    if (dry.run()) {
      ArrayNode changes = Api.JSON.createArrayNode();
      documents.forEach(document -> changes.addObject().set(kind, document));
      return PlanCommand.say(this, changes);
    }
    for (ObjectNode document : documents) {
      String name = document.path(key).asText();
      Api.Answer answer =
          api().put("/v1/" + kind + "s/" + Api.segment(name), document, OptionalLong.empty());
      changed(answer, kind + " " + name + (answer.status() == 201 ? " created" : " changed"));
    }
    return ExitCodes.OK;
  }

  /** Says that something is gone: in a document, as events say it. */
  void gone(String key, String name, String line) throws ApiException {
    if (!printed(Api.JSON.createObjectNode().put(key, name).put("removed", true))) {
      out().println(line);
    }
  }

  Surroundings around() {
    return around;
  }

  Screen out() {
    if (screen == null) {
      screen = new Screen(around.out(), colors(), false);
    }
    return screen;
  }

  /** Where the way to an end is told: apart from what a program reads. */
  Screen progress() {
    return table() ? out() : new Screen(around.err(), false, false);
  }

  /** From now on everything is printed there, for one who sees changes only or a terminal. */
  void paintOn(Writer picture) {
    screen = new Screen(picture, colors(), !around.terminal());
  }

  private boolean colors() {
    return switch (color) {
      case always -> true;
      case never -> false;
      case auto ->
          around.terminal()
              && around.variable("NO_COLOR") == null
              && !"dumb".equals(around.variable("TERM"));
    };
  }

  PrintWriter err() {
    return around.err();
  }
}
