/** What the core hears, what it has done, and what it answers. */
package io.springtide.scheduler.event;
