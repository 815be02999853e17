/**
 * The registry proxy beside Debian's docker-registry in proxy mode: same upstream, same image, same
 * clients.
 */
package io.springtide.harness.bench.registry;
