/** Asks whether what runs is well. Knows neither Mesos nor what is done with the answer. */
package io.springtide.executor.health;
