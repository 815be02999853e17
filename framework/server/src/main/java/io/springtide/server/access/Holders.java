package io.springtide.server.access;

import java.util.Optional;

/** Who holds which token, as far as is known here. */
public interface Holders {
  /** Whose secret that is, who asks for something with it; empty: nobody's, or it has expired. */
  Optional<Principal> holder(String secret);

  /** Whether that is the secret of a token; no use of it. */
  boolean knows(String secret);

  /** Whether there is no token at all, so that nobody can be known. */
  boolean isEmpty();
}
