/**
 * A pull-through cache of registries for each place, and a peer on each host. It stands alone and
 * depends on no other module.
 */
package io.springtide.registry;
