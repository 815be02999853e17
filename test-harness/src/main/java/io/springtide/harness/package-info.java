/**
 * Tries all of it: the Mesos emulator, simulations, benchmarks and the local demo cluster. It
 * stands on top of the house and nobody may know it.
 */
package io.springtide.harness;
