/** The peers' own scheduling code on simulated links: how long an image takes to reach a fleet. */
package io.springtide.harness.sim.images;
