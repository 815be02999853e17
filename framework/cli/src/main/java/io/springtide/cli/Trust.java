package io.springtide.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom an https server is trusted by, and why not where it is not; apart, since only who asks such
 * a one waits for it.
 */
final class Trust {
  private final Judge judge;
  private final boolean exactly;
  private final SSLSocketFactory sockets;

  private Trust(Judge judge, boolean exactly) throws GeneralSecurityException {
    this.judge = judge;
    this.exactly = exactly;
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {judge}, null);
    sockets = context.getSocketFactory();
  }

  /**
   * By what the certificates of a file (PEM) vouch for, and nothing else.
   *
   * @param file null: by whom the JVM trusts
   */
  static Trust by(Path file) throws ApiException {
    try {
      return new Trust(new Vouched(file == null ? null : store(file)), false);
    } catch (IOException | GeneralSecurityException e) {
      throw wrong(file);
    }
  }

  /**
   * By the one certificate of a file (PEM), whatever its names and whoever vouches for it: the
   * server of this user left it there itself.
   */
  static Trust exactly(Path file) throws ApiException {
    try {
      return new Trust(new Exactly(certificates(file).get(0), file), true);
    } catch (IOException | GeneralSecurityException e) {
      throw wrong(file);
    }
  }

  private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (X509Certificate one : certificates(file)) {
      store.setCertificateEntry("ca" + store.size(), one);
    }
    return store;
  }

  /** One at least. */
  private static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = java.nio.file.Files.newInputStream(file)) {
      List<X509Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (all.isEmpty()) {
        throw new CertificateException("there is none");
      }
      return all;
    }
  }

  private static ApiException wrong(Path file) {
    return new ApiException(
        ExitCodes.USAGE,
        file + " holds no certificate that can be read",
        "--ca",
        "name a file of PEM certificates: -----BEGIN CERTIFICATE-----");
  }

  /** Has a connection trust so. */
  void to(HttpsURLConnection connection) {
    connection.setSSLSocketFactory(sockets);
    if (exactly) {
      // No other certificate passes, so that its names say nothing more.
      connection.setHostnameVerifier((host, session) -> true);
    }
  }

  /** Why a connection did not come about, in a sentence, and what to do. */
  ApiException complaint(String base, String host, SSLException e) {
    Optional<X509Certificate> shown = judge.shown();
    String what;
    String fix;
    if (shown.isEmpty()) {
      boolean speaks = e instanceof SSLHandshakeException;
      what = speaks ? "%s and this command have no TLS in common" : "%s does not speak TLS";
      fix = speaks ? "it may want an older version of TLS" : "ask it by http://, or another";
      what = what.formatted(base) + ": " + e.getMessage();
    } else if (has(e, CertificateExpiredException.class)) {
      what =
          "the certificate of %s has expired, %s"
              .formatted(base, shown.get().getNotAfter().toInstant());
      fix = "have it renewed: the server takes the new file by itself";
    } else if (has(e, CertificateNotYetValidException.class)) {
      what =
          "the certificate of %s begins at %s"
              .formatted(base, shown.get().getNotBefore().toInstant());
      fix = "see whether the clocks of both machines are right";
    } else if (exactly) {
      what = "%s shows another certificate than the one in %s".formatted(base, judge.source());
      fix = "if it is no server of yours, name its CA with --ca FILE";
    } else if (("" + e.getMessage()).matches("(?s).*No (subject alternative|name matching).*")) {
      what =
          "the certificate of %s is for %s, and not for %s"
              .formatted(base, String.join(", ", names(shown.get())), host);
      fix = "ask it by a name that the certificate has, or give it one for this name";
    } else {
      what =
          "the certificate of %s is by '%s', whom nobody here trusts"
              .formatted(base, shown.get().getIssuerX500Principal().getName());
      fix = "name its CA's certificate with --ca FILE, by TIDE_CA, or in the context";
    }
    return new ApiException(ExitCodes.UNREACHABLE, what, "", fix);
  }

  private static boolean has(Throwable thrown, Class<?> kind) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> names(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      var alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.forEach(
            one -> {
              if (one.get(1) instanceof String name) {
                names.add(name);
              }
            });
      }
    } catch (CertificateParsingException e) {
      // It has none that can be read.
    }
    return names.isEmpty() ? List.of("no name") : names;
  }

  /** Keeps what it was shown, for who wants to know why it was not enough. */
  private abstract static class Judge extends X509ExtendedTrustManager {
    private volatile X509Certificate shown;

    Optional<X509Certificate> shown() {
      return Optional.ofNullable(shown);
    }

    abstract Path source();

    abstract void check(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException;

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      shown = chain[0];
      check(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("connections are sockets here");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("connections are sockets here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("this is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("this is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("this is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static final class Vouched extends Judge {
    private final X509ExtendedTrustManager by;

    /** {@code store} is null for the JVM's own. */
    Vouched(KeyStore store) throws GeneralSecurityException {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      by = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    @Override
    Path source() {
      return null;
    }

    @Override
    void check(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
      by.checkServerTrusted(chain, type, socket);
    }
  }

  private static final class Exactly extends Judge {
    private final X509Certificate one;
    private final Path source;

    Exactly(X509Certificate one, Path source) {
      this.one = one;
      this.source = source;
    }

    @Override
    Path source() {
      return source;
    }

    @Override
    void check(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
      if (!chain[0].equals(one)) {
        throw new CertificateException("it is another certificate");
      }
    }
  }
}
