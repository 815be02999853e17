/** {@code tide bench failover}: how long nobody decides when the leader dies, and what is lost. */
package io.springtide.harness.bench.failover;
