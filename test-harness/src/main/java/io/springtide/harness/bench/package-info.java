/**
 * Measures: each benchmark is a command of {@code ./tide bench} that prints what it found, as JSON
 * where asked. A benchmark checks what it does as well as how fast: figures of a run that lost or
 * reordered anything are not printed.
 */
package io.springtide.harness.bench;
