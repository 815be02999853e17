/**
 * The server's configuration file: its values, their defaults, and errors that say how to mend it.
 */
package io.springtide.server.config;
