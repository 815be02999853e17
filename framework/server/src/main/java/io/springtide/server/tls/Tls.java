package io.springtide.server.tls;

import io.springtide.server.config.ConfigException;
import io.springtide.server.config.PrivateFile;
import io.springtide.server.config.ServerConfig;
import io.springtide.server.thread.Daemon;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that this process shows, and the servers that it trusts, from files that are read
 * anew when they change. A new file that cannot be used changes nothing: what was read last goes
 * on, and the log and a metric say so.
 */
public final class Tls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tls.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration SOON = Duration.ofDays(14);

  private final ServerConfig.Tls files;
  private final SslContextFactory.Server server = new SslContextFactory.Server();
  private final Trusted trusted;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private volatile ScheduledExecutorService looking;
  private volatile Shown shown;
  private volatile List<X509Certificate> authorities;
  private volatile String trouble = "";

  private Tls(ServerConfig.Tls files) throws ConfigException {
    this.files = files;
    shown = Shown.read(files);
    authorities = authorities(files, shown);
    trusted = new Trusted(authorities);
    server.setKeyStore(shown.store());
    server.setKeyStorePassword("");
    server.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    // Forward secrecy and authenticated ciphers only; every client of the last ten years has them.
    server.setExcludeCipherSuites();
    server.setIncludeCipherSuites(
        "TLS_AES_.*", "TLS_CHACHA20_.*", "TLS_ECDHE_.*_GCM_.*", "TLS_ECDHE_.*_CHACHA20_.*");
    server.setRenegotiationAllowed(false);
    sayWhenItEnds();
  }

  /**
   * Reads the files.
   *
   * @throws ConfigException if one cannot be used, with its key, its path and what to do
   */
  public static Tls read(ServerConfig.Tls files) throws ConfigException {
    return new Tls(files);
  }

  private static List<X509Certificate> authorities(ServerConfig.Tls files, Shown shown)
      throws ConfigException {
    if (files.ca().isEmpty()) {
      return shown.chain();
    }
    Path ca = files.ca().get();
    return Pem.certificates("tls.ca", ca, PrivateFile.readOpen("tls.ca", ca));
  }

  /** Looks after the files from now on, every five seconds. */
  public void watch() {
    looking = Daemon.named("tls-files");
    looking.scheduleWithFixedDelay(
        this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Called after each change of the certificate. */
  public void onChange(Runnable watcher) {
    watchers.add(watcher);
  }

  /** Takes what the files hold now, if it is something else and can be used. */
  public synchronized void look() {
    Shown found;
    List<X509Certificate> vouching;
    try {
      found = Shown.read(files);
      vouching = authorities(files, found);
    } catch (ConfigException e) {
      if (!trouble.equals(e.getMessage())) {
        trouble = e.getMessage();
        log.error("{}. What was read before goes on", e.getMessage());
      }
      return;
    }
    trouble = "";
    if (!vouching.equals(authorities)) {
      trusted.set(vouching);
      authorities = vouching;
      log.info("Other servers are trusted by what is read anew");
    }
    if (!found.equals(shown)) {
      take(found);
    }
  }

  private void take(Shown found) {
    try {
      server.reload(factory -> factory.setKeyStore(found.store()));
    } catch (Exception e) { // As Jetty declares it.
      trouble = "the new certificate is not taken: " + e;
      log.error("{}: {}", files.certificate(), trouble);
      return;
    }
    shown = found;
    log.info("The certificate is read anew: for {}", String.join(", ", names()));
    sayWhenItEnds();
    watchers.forEach(Runnable::run);
  }

  private void sayWhenItEnds() {
    Instant end = ends();
    if (end.isBefore(Instant.now())) {
      log.error("{}: the certificate has expired, {}; write a new one there", certificate(), end);
    } else if (end.isBefore(Instant.now().plus(SOON))) {
      log.warn("{}: the certificate expires soon, {}", certificate(), end);
    }
  }

  private Path certificate() {
    return files.certificate();
  }

  /** When the certificate ends. */
  public Instant ends() {
    return shown.chain().get(0).getNotAfter().toInstant();
  }

  /** Whether the files hold something that could not be used. */
  public boolean isStale() {
    return !trouble.isEmpty();
  }

  /** The names and addresses that the certificate is for. */
  public List<String> names() {
    return names(shown.chain().get(0));
  }

  static List<String> names(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> one : alternatives) {
          if (one.get(1) instanceof String name) {
            names.add(name);
          }
        }
      }
    } catch (CertificateParsingException e) {
      // It has none that can be read.
    }
    return names.isEmpty() ? List.of("no name") : names;
  }

  /** The certificate itself, without its chain, as PEM. */
  public String pem() {
    try {
      String body =
          Base64.getMimeEncoder(64, new byte[] {'\n'})
              .encodeToString(shown.chain().get(0).getEncoded());
      return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("what was decoded can be encoded", e);
    }
  }

  /** How this process speaks TLS as a server. */
  public SslContextFactory.Server server() {
    return server;
  }

  /** How it speaks TLS to the other servers of its cluster. */
  public SSLContext client() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {trusted}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK speaks TLS", e);
    }
  }

  @Override
  public void close() {
    if (looking != null) {
      looking.shutdownNow();
    }
  }
}
