package io.springtide.registry.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;

/** What is asked of a server, and who hears the answer. */
@SuppressWarnings("ArrayRecordComponent") // Compared by identity alone.
record Request(
    HttpMethod method, URI uri, HttpHeaders headers, byte[] body, ResponseListener listener) {}
