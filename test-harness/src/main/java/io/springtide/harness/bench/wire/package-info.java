/**
 * How much of Mesos' scheduler API the client takes, over real HTTP and protobuf. {@code ./tide
 * bench wire --help}.
 */
package io.springtide.harness.bench.wire;
