/**
 * The Mesos client: the v1 scheduler, executor and operator APIs over HTTP, on the Java bindings'
 * own messages. It knows the wire (RecordIO, streams, redirects, heartbeats) and nothing of jobs,
 * pools or containers: what the messages mean is decided elsewhere.
 */
package io.springtide.mesos;
