package io.springtide.harness.bench;

import picocli.CommandLine.Command;

/** {@code tide bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Springtide on this machine.",
    subcommands = WireBench.class)
public final class BenchCommand {}
