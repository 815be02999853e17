package io.springtide.harness.bench;

import io.springtide.harness.bench.core.CoreBench;
import io.springtide.harness.bench.executor.ExecutorBench;
import io.springtide.harness.bench.failover.FailoverBench;
import io.springtide.harness.bench.placement.PlacementBench;
import io.springtide.harness.bench.registry.RegistryBench;
import io.springtide.harness.bench.wire.WireBench;
import picocli.CommandLine.Command;

/** {@code tide bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Springtide on this machine.",
    subcommands = {
      WireBench.class,
      PlacementBench.class,
      CoreBench.class,
      ExecutorBench.class,
      RegistryBench.class,
      FailoverBench.class
    })
public final class BenchCommand {}
