/**
 * Blobs on their way into the store: one fetch for all who want a blob, which goes on where it
 * broke off, and whose readers follow it as far as it has come.
 */
package io.springtide.registry.fill;
