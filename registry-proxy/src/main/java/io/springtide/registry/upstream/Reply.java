package io.springtide.registry.upstream;

import io.netty.handler.codec.http.HttpHeaders;

/** A whole small answer. */
public record Reply(int status, HttpHeaders headers, byte[] body) {}
