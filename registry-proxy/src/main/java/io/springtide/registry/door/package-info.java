/**
 * The proxy's front door: it listens, makes requests of bytes, and hands each to the one who
 * answers it.
 */
package io.springtide.registry.door;
