/**
 * What the configuration says by patterns of names: what stays in the store, and how long a tag's
 * meaning is taken as known.
 */
package io.springtide.registry.rule;
