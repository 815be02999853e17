package io.springtide.registry.tracker;

import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * By what one peer knows that another may have a blob: the proxy's signature (Ed25519) under blob,
 * peer, its addresses and time. Knowing a digest gives no right to read, between peers as well; and
 * only the proxy can sign.
 */
public final class Admissions {
  private static final String PURPOSE = "springtide-swarm";

  private final PrivateKey key;
  private final byte[] publicKey;

  private Admissions(PrivateKey key, byte[] publicKey) {
    this.key = key;
    this.publicKey = publicKey;
  }

  /** The keys kept in {@code directory}, made if there are none: admissions outlive a restart. */
  public static Admissions open(Path directory) throws IOException {
    Path file = directory.resolve("swarm.key");
    try {
      KeyFactory keys = KeyFactory.getInstance("Ed25519");
      if (Files.exists(file)) {
        String[] lines = Files.readString(file, StandardCharsets.US_ASCII).split("\n", 0);
        if (lines.length != 2) {
          throw new IOException(file + " is damaged; remove it and start again");
        }
        return new Admissions(
            keys.generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines[0]))),
            Base64.getDecoder().decode(lines[1]));
      }
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] open = pair.getPublic().getEncoded();
      Path draft = directory.resolve("swarm.key.new");
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          draft,
          Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
              + "\n"
              + Base64.getEncoder().encodeToString(open)
              + "\n",
          StandardOpenOption.TRUNCATE_EXISTING);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      return new Admissions(pair.getPrivate(), open);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " cannot be used; remove it and start again: " + e, e);
    }
  }

  /** What {@link #check} needs, X.509-encoded. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /**
   * Until {@code expires}, in seconds since 1970.
   *
   * @param from the address that the peer comes from: whoever it shows its admission to could show
   *     it to others, but not from there
   */
  public String admit(PeerAddress peer, String from, Digest digest, long expires) {
    String text =
        String.join(
            "\n",
            PURPOSE,
            digest.toString(),
            peer.id(),
            peer.host(),
            Integer.toString(peer.port()),
            from,
            Long.toString(expires));
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
      return encoder.encodeToString(text.getBytes(StandardCharsets.UTF_8))
          + "."
          + encoder.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime since 15 has Ed25519", e);
    }
  }

  /** The key in {@code encoded}, or empty if it is none. */
  public static Optional<PublicKey> key(byte[] encoded) {
    try {
      return Optional.of(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  /**
   * Whom {@code admission}, shown by a connection from {@code from}, admits to {@code digest} at
   * {@code now} (seconds since 1970); empty if nobody, for whatever reason.
   */
  public static Optional<PeerAddress> check(
      PublicKey key, String admission, String from, Digest digest, long now) {
    int dot = admission.indexOf('.');
    if (dot < 0 || admission.length() > 2048) {
      return Optional.empty();
    }
    try {
      byte[] signed = Base64.getUrlDecoder().decode(admission.substring(0, dot));
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(signed);
      if (!signature.verify(Base64.getUrlDecoder().decode(admission.substring(dot + 1)))) {
        return Optional.empty();
      }
      String[] lines = new String(signed, StandardCharsets.UTF_8).split("\n", -1);
      boolean good =
          lines.length == 7
              && lines[0].equals(PURPOSE)
              && lines[1].equals(digest.toString())
              && lines[5].equals(from)
              && Long.parseLong(lines[6]) > now;
      return good
          ? PeerAddress.of(lines[2], lines[3], Integer.parseInt(lines[4]))
          : Optional.empty();
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
