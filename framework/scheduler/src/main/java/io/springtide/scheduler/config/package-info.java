/** How the core is set: times, limits, what hosts cost beside their work. */
package io.springtide.scheduler.config;
