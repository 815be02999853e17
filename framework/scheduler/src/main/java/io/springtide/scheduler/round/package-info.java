/**
 * What a look at all that waits decides: labels, places, evictions, hosts to buy and to give back.
 */
package io.springtide.scheduler.round;
