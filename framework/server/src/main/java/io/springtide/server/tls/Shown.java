package io.springtide.server.tls;

import io.springtide.server.config.ConfigException;
import io.springtide.server.config.PrivateFile;
import io.springtide.server.config.ServerConfig;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate with those that vouch for it, and its key.
 *
 * @param chain its own first
 */
record Shown(List<X509Certificate> chain, PrivateKey key) {
  private static final String CERTIFICATE = "tls.certificate";
  private static final String KEY = "tls.key";

  /**
   * Reads them.
   *
   * @throws ConfigException if a file cannot be used, or the key is another certificate's
   */
  static Shown read(ServerConfig.Tls files) throws ConfigException {
    List<X509Certificate> chain =
        Pem.certificates(
            CERTIFICATE,
            files.certificate(),
            PrivateFile.readOpen(CERTIFICATE, files.certificate()));
    X509Certificate own = chain.get(0);
    PrivateKey key =
        Pem.privateKey(
            KEY,
            files.key(),
            PrivateFile.read(KEY, files.key()),
            own.getPublicKey().getAlgorithm());
    if (!fits(key, own)) {
      throw new ConfigException(
          "%s: %s is not the key of the first certificate in %s; name the key that it was made for"
              .formatted(KEY, files.key(), files.certificate()));
    }
    return new Shown(chain, key);
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] something = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** As the JDK wants it. */
  KeyStore store() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key, new char[0], chain.toArray(Certificate[]::new));
      return store;
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new IllegalStateException("a key store in memory takes what was read", e);
    }
  }
}
