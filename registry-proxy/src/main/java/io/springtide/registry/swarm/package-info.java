/**
 * How peers share an image: which pieces, from whom, in which order. Pure and deterministic: time
 * and seeds come in from outside, so that the simulator and a real peer run the same code.
 */
package io.springtide.registry.swarm;
