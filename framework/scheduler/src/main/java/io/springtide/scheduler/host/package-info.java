/** Hosts that joined: their record, capacity, reports, maintenance and removal. */
package io.springtide.scheduler.host;
