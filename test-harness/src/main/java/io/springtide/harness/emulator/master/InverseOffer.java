package io.springtide.harness.emulator.master;

/** An outstanding inverse offer. */
record InverseOffer(String id, String frameworkId, String agentId) {}
