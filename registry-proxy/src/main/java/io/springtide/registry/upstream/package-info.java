/**
 * The registries that content comes from: which one a name means, how it wants to be asked (tokens,
 * passwords, redirects), when it is asked again, and what it means when it refuses or is silent.
 */
package io.springtide.registry.upstream;
