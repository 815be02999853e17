/**
 * Manifests and what tags mean: asked for upstream, kept, and served from what is kept as long as
 * the rules say.
 */
package io.springtide.registry.manifest;
