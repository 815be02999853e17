package io.springtide.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
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
    subcommands = {
      JobCommands.class,
      InstanceCommands.class,
      PoolCommands.class,
      GroupCommands.class,
      HostCommands.class,
      ImageCommands.class,
      ExplainCommand.class,
      PlanCommand.class
    },
    footer = {
      "",
      "A first job:",
      "  tide pool put pool.yaml            hosts of one place and one price",
      "  tide group put group.yaml          who may use how much of them",
      "  tide job run job.yaml --wait       start it, and wait until it runs",
      "  tide instance list ID              where it runs",
      "  tide explain ID                    why some of it waits",
      "  tide plan job.yaml                 what a change would bring about, and cost",
      "  tide job scale ID 5",
      "  tide job stop ID",
      "",
      "Documents are YAML or JSON, as docs/api.md describes them. 'tide COMMAND --help' says more."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:refused by the server, or what was waited for has failed",
      "2:wrong arguments, or a file that does not read",
      "3:no server answers",
      "4:waited in vain; it may still come"
    })
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

  @Spec private CommandSpec spec;

  /** How results are printed. */
  enum Format {
    table,
    json
  }

  private TideMain() {}

  public static void main(String[] arguments) {
    System.exit(
        run(
            new PrintWriter(System.out, true, Charset.defaultCharset()),
            new PrintWriter(System.err, true, Charset.defaultCharset()),
            arguments));
  }

  /** Runs one command and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new TideMain())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
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

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
