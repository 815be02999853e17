/**
 * A whole cluster on loopback: the Mesos emulator, Consul, a cloud that sells emulated hosts, and
 * the framework as a process of its own. It owns every process, port and file of them, and ends
 * them all.
 */
package io.springtide.harness.cluster;
