/** One request of a client: who it is, what it may read and how fast, and how it is answered. */
package io.springtide.registry.client;
