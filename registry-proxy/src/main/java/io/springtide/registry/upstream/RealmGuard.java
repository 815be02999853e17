package io.springtide.registry.upstream;

import com.google.common.net.InetAddresses;
import com.google.common.net.InternetDomainName;
import io.springtide.registry.http.ServerAddress;
import java.net.URI;
import java.util.Set;

/**
 * Says which token servers may see an upstream's password: its own host, hosts under the same
 * registrable domain, and those named in the configuration. A registry that is broken into must not
 * be able to send our password elsewhere.
 */
record RealmGuard(ServerAddress upstream, Set<String> trusted) {
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
