package io.springtide.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for tests, made by the JDK's keytool. */
public final class Certificates {
  private static final String PASSWORD = "changeit";
  private static final String ALIAS = "server";

  private Certificates() {}

  /**
   * PEM files.
   *
   * @param key for its owner alone
   */
  public record Pair(Path certificate, Path key) {}

  /**
   * Makes {@code <name>.crt} and {@code <name>.key} in a directory, in place of what is there; the
   * certificate vouches for itself.
   *
   * @param names as keytool takes them: {@code dns:localhost}, {@code ip:127.0.0.1}
   */
  public static Pair make(Path directory, String name, String... names) {
    try {
      Path store = directory.resolve(name + ".p12");
      Files.deleteIfExists(store);
      keytool(store, ALIAS, List.of("-validity", "30"), names);
      Pair pair = unpack(store, directory, name);
      Files.delete(store);
      return pair;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** One that vouches for others. */
  public static final class Authority {
    private final Path directory;
    private final Path store;
    private final Path certificate;

    private Authority(Path directory, Path store, Path certificate) {
      this.directory = directory;
      this.store = store;
      this.certificate = certificate;
    }

    public Path certificate() {
      return certificate;
    }

    /**
     * As {@link Certificates#make}, vouched for by this one.
     *
     * @param days how long it lasts, from ten days ago on
     */
    public Pair make(String name, int days, String... names) {
      try {
        Path own = directory.resolve(name + ".p12");
        Files.copy(store, own, StandardCopyOption.REPLACE_EXISTING);
        List<String> signed =
            List.of("-signer", "ca", "-startdate", "-10d", "-validity", Integer.toString(days));
        keytool(own, ALIAS, signed, names);
        Pair pair = unpack(own, directory, name);
        Files.delete(own);
        return pair;
      } catch (IOException | GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Makes {@code <name>.crt}, which vouches for others. */
  public static Authority authority(Path directory, String name) {
    try {
      Path store = directory.resolve(name + ".p12");
      keytool(store, "ca", List.of("-ext", "bc=ca:true", "-startdate", "-20d"));
      Path certificate = directory.resolve(name + ".crt");
      write(certificate, "CERTIFICATE", load(store).getCertificate("ca").getEncoded());
      return new Authority(directory, store, certificate);
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** For clients that believe who is vouched for by this certificate, and nobody else. */
  public static SSLContext trusting(Path certificate) {
    try (InputStream in = Files.newInputStream(certificate)) {
      KeyStore only = KeyStore.getInstance("PKCS12");
      only.load(null, null);
      only.setCertificateEntry(
          "only", CertificateFactory.getInstance("X.509").generateCertificate(in));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(only);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyStore load(Path store) throws IOException, GeneralSecurityException {
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      made.load(in, PASSWORD.toCharArray());
    }
    return made;
  }

  private static Pair unpack(Path store, Path directory, String name)
      throws IOException, GeneralSecurityException {
    KeyStore made = load(store);
    Path certificate = directory.resolve(name + ".crt");
    Path key = directory.resolve(name + ".key");
    write(key, "PRIVATE KEY", made.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    write(certificate, "CERTIFICATE", made.getCertificate(ALIAS).getEncoded());
    return new Pair(certificate, key);
  }

  private static void write(Path file, String kind, byte[] bytes) throws IOException {
    String pem =
        "-----BEGIN %s-----%n%s%n-----END %1$s-----%n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(bytes));
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    Files.createFile(
        part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(part, pem);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void keytool(Path store, String alias, List<String> more, String... names)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-dname",
                "CN=" + alias,
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
    if (names.length > 0) {
      command.addAll(List.of("-ext", "SAN=" + String.join(",", names)));
    }
    command.addAll(more);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new AssertionError(output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
