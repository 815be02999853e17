package io.springtide.server.access;

/** What somebody may do. Each may also do what those before it may. */
public enum Role {
  /** Reads, and asks for plans. */
  VIEWER,
  /** Changes the jobs of some groups, or of all; whoever has all of them, hosts and images too. */
  OPERATOR,
  /** Changes pools, groups and tokens, and reads the audit. */
  ADMIN
}
