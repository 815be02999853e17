/**
 * Decides what may run where, who may borrow, how many hosts to buy. The Elastic Partition model
 * (resources, pools, groups, quotas, constraints) and its algorithms: placement, sharing, growth.
 * Pure and deterministic: it must not know Mesos, HTTP, files, a clock, randomness or threads;
 * equal input gives equal output.
 */
package io.springtide.partition;
