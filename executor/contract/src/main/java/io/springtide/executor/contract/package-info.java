/**
 * What the framework and its executors agree on: the documents that travel in tasks and reports,
 * the labels on tasks, statuses and containers, and the command that starts an executor. Both sides
 * may be of different releases.
 */
package io.springtide.executor.contract;
