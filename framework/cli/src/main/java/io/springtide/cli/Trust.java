package io.springtide.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Whom an https server is trusted by; apart, since only who asks such a one waits for it. */
final class Trust {
  private Trust() {}

  /** Trusts what the certificates of a file (PEM) vouch for, and nothing else. */
  static SSLSocketFactory only(Path file) throws ApiException {
    try (InputStream in = java.nio.file.Files.newInputStream(file)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate one : all) {
        store.setCertificateEntry("ca" + store.size(), one);
      }
      if (store.size() == 0) {
        throw wrong(file);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (IOException | GeneralSecurityException e) {
      throw wrong(file);
    }
  }

  private static ApiException wrong(Path file) {
    return new ApiException(
        ExitCodes.USAGE,
        file + " holds no certificate that can be read",
        "--ca",
        "name a file of PEM certificates: -----BEGIN CERTIFICATE-----");
  }
}
