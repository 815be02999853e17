/**
 * The Mesos emulator, simulations, benchmarks and the local demo cluster. It may use every module,
 * and no module may use it.
 */
package io.springtide.harness;
