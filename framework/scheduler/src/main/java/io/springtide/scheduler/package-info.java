/**
 * The deterministic core of the framework. Events go in, state changes, effects come out as data.
 * It must not do I/O, read a clock, draw a random number, start a thread, or know Mesos, protobuf,
 * HTTP or ZooKeeper types: the shell around it brings time and ids, makes commits durable and
 * carries effects out in order.
 */
package io.springtide.scheduler;
