/**
 * {@code ./tide demo}: a cluster on loopback that shows a job bigger than its owned hosts find its
 * way to the cloud and into Consul. It asks the framework over HTTP only, as any user does.
 */
package io.springtide.harness.demo;
