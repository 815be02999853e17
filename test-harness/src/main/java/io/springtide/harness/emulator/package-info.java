/**
 * A Mesos master and agents inside this JVM, on loopback, that answer the v1 HTTP APIs as Mesos
 * does. The deterministic core ({@code Cluster}: {@code master} and {@code agent}) knows neither
 * sockets nor processes nor the wall clock; {@link io.springtide.harness.emulator.MesosEmulator}
 * puts HTTP doors and real child processes around it, the simulator drives it on a virtual clock.
 */
package io.springtide.harness.emulator;
