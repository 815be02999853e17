package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code tide} command. */
@Command(
    name = "tide",
    description = "Asks a Springtide framework to run jobs, and shows what runs where and why.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = TideMain.Version.class)
public final class TideMain {
  private static final String DEFAULT = "http://127.0.0.1:8080";

  @Option(
      names = "--api",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "the server; default: TIDE_API from the environment, else " + DEFAULT)
  private String api;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      defaultValue = "table",
      description = "table or json; default: ${DEFAULT-VALUE}")
  private Format format;

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

  @Spec private CommandSpec spec;

  /** Whoever asks for one command waits for no other to be made. */
  private static final Map<String, Class<?>> COMMANDS =
      new TreeMap<>(
          Map.of(
              "job", JobCommands.class,
              "instance", InstanceCommands.class,
              "pool", PoolCommands.class,
              "group", GroupCommands.class,
              "host", HostCommands.class,
              "image", ImageCommands.class,
              "explain", ExplainCommand.class,
              "plan", PlanCommand.class));

  /** How results are printed. */
  enum Format {
    table,
    json
  }

  private TideMain() {}

  public static void main(String[] arguments) {
    // A change that may have come about is not sent again behind the user's back.
    System.setProperty("sun.net.http.retryPost", "false");
    System.exit(
        run(
            new PrintWriter(System.out, true, Charset.defaultCharset()),
            new PrintWriter(System.err, true, Charset.defaultCharset()),
            arguments));
  }

  /** Runs one command and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine tide = new CommandLine(new TideMain());
    Set<String> named = new HashSet<>(COMMANDS.keySet());
    named.retainAll(Arrays.asList(arguments));
    for (String name : named.isEmpty() ? COMMANDS.keySet() : named) {
      tide.addSubcommand(COMMANDS.get(name));
    }
    tide.setHelpFactory(TideMain::help);
    return tide.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Unknown::handle)
        .setExecutionExceptionHandler(
            (e, command, result) -> {
              if (e instanceof ApiException told) {
                err.println(told.text());
                return told.exitCode();
              }
              throw e;
            })
        .execute(arguments);
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

  Api api() throws ApiException {
    if (api != null) {
      return new Api(api);
    }
    String environment = System.getenv("TIDE_API");
    return new Api(environment == null || environment.isBlank() ? DEFAULT : environment);
  }

  boolean json() {
    return format == Format.json;
  }

  /** Prints an answer as it is, if that is asked for; returns whether it was. */
  boolean printed(JsonNode answer) {
    if (json()) {
      out().println(answer.toPrettyString());
    }
    return json();
  }

  /** Prints a line. */
  void say(String format, Object... values) {
    out().println(format.formatted(values));
  }

  /** Says what became of a change, and what it brings about. */
  void changed(Api.Answer answer, String line) {
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
  int putAll(Path file, String kind, String key) throws ApiException, InterruptedException {
    for (ObjectNode document : Files.read(file, key)) {
      String name = document.path(key).asText();
      Api.Answer answer =
          api().put("/v1/" + kind + "s/" + Api.segment(name), document, OptionalLong.empty());
      changed(answer, kind + " " + name + (answer.status() == 201 ? " created" : " changed"));
    }
    return ExitCodes.OK;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
