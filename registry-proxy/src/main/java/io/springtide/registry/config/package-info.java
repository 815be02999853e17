/** The configuration file and its errors. */
package io.springtide.registry.config;
