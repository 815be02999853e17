/**
 * Talking to registries: HTTP/1.1 exchanges on Netty, token and basic authentication, redirects.
 */
package io.springtide.registry.upstream;
