/** Hosts of clouds: ordered, listed, given back, remembered. */
package io.springtide.scheduler.order;
