/**
 * Brings images: a pull-through cache of registries for each place, and a peer on each host. It
 * stands alone and must not know any other room of the house.
 */
package io.springtide.registry;
