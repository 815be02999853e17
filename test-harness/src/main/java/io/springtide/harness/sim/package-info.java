/** Runs Springtide's own code in virtual time, at sizes that no one machine holds. */
package io.springtide.harness.sim;
