/** What the proxy counts and shows to Prometheus. */
package io.springtide.registry.metrics;
