/**
 * Runs: the warden and the containers of one host, their health and their discovery. It takes tasks
 * from the Mesos agent and must not know how they were placed: pools, quotas and the framework's
 * state are none of its business.
 */
package io.springtide.executor;
