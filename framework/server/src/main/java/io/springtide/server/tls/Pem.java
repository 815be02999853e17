package io.springtide.server.tls;

import io.springtide.server.config.ConfigException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from PEM, as openssl, certbot and most other tools write them. */
final class Pem {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----([^-]*)-----END ");

  private Pem() {}

  /**
   * All certificates, in their order; at least one.
   *
   * @param key of the configuration that names the file
   */
  static List<X509Certificate> certificates(String key, Path file, byte[] bytes)
      throws ConfigException {
    try {
      List<X509Certificate> all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!all.isEmpty()) {
        return all;
      }
    } catch (CertificateException e) {
      // Told below, as that there are none.
    }
    throw new ConfigException(
        "%s: %s holds no certificate that can be read; name a file of PEM certificates (-----BEGIN CERTIFICATE-----)"
            .formatted(key, file));
  }

  /**
   * The private key of a certificate: PKCS #8, without a password.
   *
   * @param key of the configuration that names the file
   * @param algorithm of the certificate's own key
   */
  static PrivateKey privateKey(String key, Path file, byte[] bytes, String algorithm)
      throws ConfigException {
    Matcher pem = KEY.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    if (!pem.find()) {
      throw new ConfigException(
          "%s: %s holds no private key; name its PEM file (-----BEGIN PRIVATE KEY-----)"
              .formatted(key, file));
    }
    if (!pem.group(1).isEmpty()) {
      throw new ConfigException(
          ("%1$s: %2$s holds an %3$sPRIVATE KEY; write it as a PKCS #8 key without a password:"
                  + " openssl pkcs8 -topk8 -nocrypt -in %2$s -out NEW")
              .formatted(key, file, pem.group(1)));
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(pem.group(2));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new ConfigException(
          "%s: %s holds no %s key that can be read, as the certificate has one; name the key that the certificate was made for"
              .formatted(key, file, algorithm));
    }
  }
}
