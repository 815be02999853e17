/**
 * Between Mesos' messages and the core's events and effects. Nothing is decided here but which of
 * the offered resources are taken, and which executor's description a launch carries.
 */
package io.springtide.server.mesos;
