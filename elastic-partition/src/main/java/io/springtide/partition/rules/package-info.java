/**
 * Documents at the door: what they must keep to beside those that are there, and how they come into
 * the books.
 */
package io.springtide.partition.rules;
