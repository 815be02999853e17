/**
 * Where one repository's blob is to be read: from the store, or from a fill under way or begun for
 * it; and whether that repository may show it.
 */
package io.springtide.registry.blob;
