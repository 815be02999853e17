/**
 * The HTTP API: JSON or YAML in, JSON out. Changes go through the core's queue and are answered
 * when they are durable; reads come from the newest durable view and never wait for anything.
 */
package io.springtide.server.http;
