/**
 * The executor of one host: its warden, its containers, their health and their discovery. It takes
 * tasks from the Mesos agent and knows nothing of pools, quotas and the framework's state.
 */
package io.springtide.executor;
