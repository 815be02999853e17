/**
 * What lies on disk: content by digest, and what each repository may show of it. Knows no network.
 */
package io.springtide.registry.store;
