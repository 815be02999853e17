/**
 * What the scheduler's core costs where 100,000 instances run: driven directly, in virtual time, by
 * a master that does nothing but answer. {@code ./tide bench core --help}.
 */
package io.springtide.harness.bench.core;
