package io.springtide.registry.upstream;

import com.google.common.net.InetAddresses;
import com.google.common.net.InternetDomainName;
import io.springtide.registry.http.Credentials;
import io.springtide.registry.http.ServerAddress;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * An upstream's password, if there is one, and the token servers that may see it: its own host,
 * hosts under the same registrable domain, and those named in the configuration. A registry that is
 * broken into must not be able to send our password elsewhere.
 */
record RealmGuard(Optional<Credentials> credentials, ServerAddress upstream, Set<String> trusted) {

  /** What a token server may see. */
  Optional<Credentials> credentials(URI realm) {
    return credentials.filter(known -> allows(realm));
  }

  boolean allows(URI realm) {
    ServerAddress origin;
    try {
      origin = ServerAddress.of(realm);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (upstream.tls() && !origin.tls()) {
      return false;
    }
    return origin.host().equals(upstream.host())
        || trusted.contains(origin.host())
        || sameRegistrableDomain(origin.host(), upstream.host());
  }

  private static boolean sameRegistrableDomain(String one, String other) {
    if (InetAddresses.isUriInetAddress(one) || InetAddresses.isUriInetAddress(other)) {
      return false;
    }
    if (!InternetDomainName.isValid(one) || !InternetDomainName.isValid(other)) {
      return false;
    }
    InternetDomainName first = InternetDomainName.from(one);
    InternetDomainName second = InternetDomainName.from(other);
    return first.isUnderPublicSuffix()
        && second.isUnderPublicSuffix()
        && first.topPrivateDomain().equals(second.topPrivateDomain());
  }
}
