package io.springtide.harness;

import io.springtide.harness.bench.BenchCommand;
import io.springtide.harness.demo.DemoCommand;
import io.springtide.harness.sim.SimCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What {@code ./tide demo} and its like become. */
@Command(
    name = "tide",
    description = "Tries Springtide on this machine alone.",
    subcommands = {DemoCommand.class, BenchCommand.class, SimCommand.class},
    mixinStandardHelpOptions = true)
public final class HarnessMain {
  private HarnessMain() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new HarnessMain()).execute(args));
  }
}
