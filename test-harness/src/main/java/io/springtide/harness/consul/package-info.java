/**
 * Consul for a local cluster and for tests: the real one as a child process where the machine has
 * it, else a stand-in that answers the agent, health, catalog and KV doors as Consul 1.8 does. It
 * must not know Springtide: both are tried by the same contract tests.
 */
package io.springtide.harness.consul;
