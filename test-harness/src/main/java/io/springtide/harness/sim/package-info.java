/** What runs the house's own decisions in virtual time, at sizes that no one machine holds. */
package io.springtide.harness.sim;
