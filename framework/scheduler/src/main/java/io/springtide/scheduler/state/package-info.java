/** What is durable: jobs, instances, hosts and orders, and the changes that they come from. */
package io.springtide.scheduler.state;
