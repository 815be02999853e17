package io.springtide.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide completion}. */
@Command(
    name = "completion",
    description = "Prints a script that has a shell complete commands and options.",
    footer = {
      "",
      "  source <(tide completion bash)     # in ~/.bashrc",
      "  source <(tide completion zsh)      # in ~/.zshrc"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells that are known. */
  enum Shell {
    bash,
    zsh
  }

  @ParentCommand private TideMain tide;

  /** One script serves both: it sees which of them reads it. */
  @Parameters(paramLabel = "SHELL", description = "bash or zsh")
  @SuppressWarnings("UnusedVariable") // Anything else is refused by its type.
  private Shell shell;

  @Override
  public Integer call() {
    tide.out().print(AutoComplete.bash("tide", TideMain.whole()));
    tide.out().flush();
    return ExitCodes.OK;
  }
}
