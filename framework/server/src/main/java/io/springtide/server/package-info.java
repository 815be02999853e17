/**
 * Serves: the framework's process. It wires the deterministic core to Mesos, the store, the clouds
 * and the HTTP API, and owns every thread and socket of the process. It must not decide: what
 * should happen is the core's to say.
 */
package io.springtide.server;
