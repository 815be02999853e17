/**
 * Where an instance may run and where it runs best: hosts, quotas, constraints, and why there is no
 * place.
 */
package io.springtide.partition.place;
