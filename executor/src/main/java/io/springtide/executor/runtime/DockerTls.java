package io.springtide.executor.runtime;

import com.github.dockerjava.transport.SSLConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS to an engine, as Docker's own client does it: {@code ca.pem}, {@code cert.pem} and {@code
 * key.pem} of {@code DOCKER_CERT_PATH}. Read with Java's means: docker-java's reader would bring a
 * cryptographic library of 8 MB into every sandbox.
 */
final class DockerTls implements SSLConfig {
  private static final long serialVersionUID = 1L;
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");
  private static final char[] PASSWORD = {};

  /** DER of PKCS#8's frame around an RSA key: version 0, rsaEncryption, NULL. */
  private static final byte[] RSA = {
    0x02,
    0x01,
    0x00,
    0x30,
    0x0d,
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  private final transient SSLContext context;

  private DockerTls(SSLContext context) {
    this.context = context;
  }

  /**
   * As the environment says.
   *
   * @return empty where {@code DOCKER_TLS_VERIFY} does not ask for it
   * @throws RuntimeFailure naming the file that cannot be read, and why
   */
  static Optional<DockerTls> of(Map<String, String> env) {
    String verify = env.getOrDefault("DOCKER_TLS_VERIFY", "");
    if (verify.isEmpty() || verify.equals("0") || verify.equalsIgnoreCase("false")) {
      return Optional.empty();
    }
    String home = env.getOrDefault("HOME", System.getProperty("user.home"));
    String path = env.getOrDefault("DOCKER_CERT_PATH", "");
    return Optional.of(
        new DockerTls(context(path.isEmpty() ? Path.of(home, ".docker") : Path.of(path))));
  }

  static SSLContext context(Path directory) {
    try {
      KeyStore mine = KeyStore.getInstance("PKCS12");
      mine.load(null, PASSWORD);
      mine.setKeyEntry(
          "client",
          key(directory.resolve("key.pem")),
          PASSWORD,
          certificates(directory.resolve("cert.pem")).toArray(Certificate[]::new));
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, PASSWORD);
      int n = 0;
      for (Certificate authority : certificates(directory.resolve("ca.pem"))) {
        trusted.setCertificateEntry("ca-" + n++, authority);
      }
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(mine, PASSWORD);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new RuntimeFailure(
          "no TLS to the Docker engine with ca.pem, cert.pem and key.pem of "
              + directory
              + " (DOCKER_CERT_PATH): "
              + DockerEngine.message(e),
          e);
    }
  }

  private static List<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
    }
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new IOException(file + " holds no private key that can be read without a password");
    }
    byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
    switch (pem.group(1).strip()) {
      case "" -> {}
      case "RSA" -> der = framed(der);
      default ->
          throw new IOException(
              file
                  + " holds a key of type "
                  + pem.group(1).strip()
                  + "; write it anew by openssl pkcs8 -topk8 -nocrypt");
    }
    var spec = new PKCS8EncodedKeySpec(der);
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException another) {
        continue;
      }
    }
    throw new IOException(file + " holds a key that is none of RSA, EC and Ed25519");
  }

  private static byte[] framed(byte[] key) {
    byte[] octets = tagged(0x04, key);
    return tagged(
        0x30, ByteBuffer.allocate(RSA.length + octets.length).put(RSA).put(octets).array());
  }

  private static byte[] tagged(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 0x80
            ? new byte[] {(byte) tag, (byte) length}
            : length < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    return ByteBuffer.allocate(head.length + length).put(head).put(content).array();
  }

  @Override
  public SSLContext getSSLContext() {
    return context;
  }
}
