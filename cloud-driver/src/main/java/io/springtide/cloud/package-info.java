/**
 * Brings hosts: the SPI of a cloud, its drivers, and the life of a host from order to release. It
 * knows resources, for a host is worth what it brings, and must not know jobs, Mesos or the
 * framework's state.
 */
package io.springtide.cloud;
