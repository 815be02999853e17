package io.springtide.registry.fill;

import java.security.MessageDigest;

/** Content from its start up to {@code bytes}, as a hash that can go on; its owner's alone. */
public record HashedStart(long bytes, MessageDigest hash) {}
