/**
 * The framework's process. It wires the deterministic core to Mesos, the store, the clouds and the
 * HTTP API, and owns every thread and socket of the process. It decides nothing: that is the core's
 * part.
 */
package io.springtide.server;
