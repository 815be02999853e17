/**
 * Measures the placement engine: a documented generator, the same work done by Fenzo 1.0.1, a check
 * by an oracle that shares no code with the engine. {@code ./tide bench placement --help}.
 */
package io.springtide.harness.bench.placement;
