package io.springtide.registry.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;

/**
 * What is asked of a server, and who hears the answer.
 *
 * @param body empty for none; a request with a body may be sent twice too, so it must be one that
 *     does no harm then
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by identity alone.
public record Request(
    HttpMethod method, URI uri, HttpHeaders headers, byte[] body, ResponseListener listener) {}
