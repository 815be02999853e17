/**
 * Hosts of clouds: the SPI of a cloud and its drivers. It knows resources, as a template says what
 * a host offers, and must not know jobs, Mesos or the framework's state.
 */
package io.springtide.cloud;
