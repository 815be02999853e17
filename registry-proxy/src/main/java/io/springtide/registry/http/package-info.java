/**
 * HTTP/1.1 as a client, on Netty: connections that are kept, one request on each at a time, answers
 * handed on as they come, and what their headers mean. It knows no registry and no blob.
 */
package io.springtide.registry.http;
