package io.springtide.registry.http;

import io.netty.handler.codec.http.HttpHeaders;

/** A whole small answer. */
@SuppressWarnings("ArrayRecordComponent") // Handed from hand to hand, never compared.
public record Reply(int status, HttpHeaders headers, byte[] body) {}
