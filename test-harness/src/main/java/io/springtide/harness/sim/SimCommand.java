package io.springtide.harness.sim;

import io.springtide.harness.sim.images.ImagesSim;
import picocli.CommandLine.Command;

/** {@code tide sim}. */
@Command(
    name = "sim",
    mixinStandardHelpOptions = true,
    description = "Runs Springtide's own decisions in virtual time.",
    subcommands = {ImagesSim.class})
public final class SimCommand {}
