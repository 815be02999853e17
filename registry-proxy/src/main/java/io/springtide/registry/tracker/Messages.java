package io.springtide.registry.tracker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What peers and their tracker say to one another, as JSON. Reading takes only what has the form
 * and the size that it must have: everything else is an {@link IOException} that names the field.
 */
@SuppressWarnings("ArrayRecordComponent") // Handed from hand to hand, never compared.
public final class Messages {
  /** More pieces than any blob that we share is cut into (4 TiB of 4 MiB). */
  public static final int MAX_PIECES = 1 << 20;

  private static final int MAX_LIST = 10_000;
  private static final int MAX_NEIGHBOURS = 200;
  private static final Pattern PLACE = Pattern.compile("[A-Za-z0-9._:/-]{1,200}");

  private Messages() {}

  /**
   * Who speaks, and where it stands.
   *
   * @param host empty: the address that the connection comes from
   * @param around places that it is in, the smallest first
   */
  public record Self(String id, Optional<String> host, int port, List<String> around) {
    /** The speaker, if it is one, coming from {@code remote}. */
    public Optional<PeerAddress> at(String remote) {
      return PeerAddress.of(id, host.orElse(remote), port);
    }
  }

  /** A host is alive. {@code blobs}: all that it has whole; absent if that did not change. */
  public record Presence(Self self, Optional<Set<Digest>> blobs) {}

  /**
   * The tracker's answer to a {@link Presence}.
   *
   * @param resend it does not know what the host has
   * @param key with which admissions are signed, see {@link Admissions}
   */
  public record Present(int hosts, boolean resend, byte[] key, long minBlob) {}

  /**
   * A peer wants a blob, or is at it.
   *
   * @param hashes hashes of pieces that it knows, from the start
   * @param joined whether it is in the midst of it: a tracker that forgot takes it back
   * @param liars peers that sent it bytes which were not the piece
   */
  public record Announce(Self self, BitSet have, int hashes, boolean joined, Set<String> liars) {}

  /**
   * A peer that takes part asks the proxy for any piece.
   *
   * @param stuck no neighbour gave it anything for long
   */
  public record Ask(String peer, BitSet have, boolean stuck) {}

  /** A neighbour, and what it had when it last said so. */
  public record Neighbour(PeerAddress address, BitSet have) {}

  /**
   * The tracker's answer to an {@link Announce} that takes part.
   *
   * @param hashesFrom first piece of which {@code hashes} (32 bytes of SHA-256 each) tells
   * @param admission by which other peers know that the announcer may have this blob
   */
  public record Introduction(
      long size,
      int pieceSize,
      int hashesFrom,
      byte[] hashes,
      List<Neighbour> neighbours,
      String admission,
      byte[] key) {}

  /** A peer tells a neighbour what it has. {@code load}: requests that wait at it. */
  public record Have(int pieceSize, BitSet have, boolean complete, int load) {}

  public static byte[] write(Presence presence) {
    ObjectNode node = self(presence.self());
    presence
        .blobs()
        .ifPresent(
            blobs -> {
              ArrayNode list = node.putArray("blobs");
              blobs.forEach(digest -> list.add(digest.toString()));
            });
    return MessageFields.bytes(node);
  }

  public static Presence presence(byte[] body) throws IOException {
    JsonNode node = MessageFields.tree(body);
    Optional<Set<Digest>> blobs = Optional.empty();
    if (node.has("blobs")) {
      Set<Digest> all = new HashSet<>();
      for (JsonNode item : MessageFields.list(node, "blobs", MAX_LIST)) {
        all.add(Digest.parse(item.asText()).orElseThrow(() -> MessageFields.wrong("blobs")));
      }
      blobs = Optional.of(Set.copyOf(all));
    }
    return new Presence(self(node), blobs);
  }

  public static byte[] write(Present present) {
    return MessageFields.bytes(
        MessageFields.object()
            .put("hosts", present.hosts())
            .put("resend", present.resend())
            .put("key", MessageFields.base64(present.key()))
            .put("minBlob", present.minBlob()));
  }

  public static Present present(byte[] body) throws IOException {
    JsonNode node = MessageFields.tree(body);
    return new Present(
        MessageFields.number(node, "hosts", 0, Integer.MAX_VALUE),
        node.path("resend").asBoolean(false),
        MessageFields.binary(node, "key", 200),
        node.path("minBlob").asLong(0));
  }

  public static byte[] write(Announce announce) {
    ObjectNode node = self(announce.self());
    node.put("have", MessageFields.base64(announce.have().toByteArray()))
        .put("hashes", announce.hashes())
        .put("joined", announce.joined());
    ArrayNode liars = node.putArray("liars");
    announce.liars().forEach(liars::add);
    return MessageFields.bytes(node);
  }

  public static Announce announce(byte[] body) throws IOException {
    JsonNode node = MessageFields.tree(body);
    Set<String> liars = new HashSet<>();
    for (JsonNode item : MessageFields.list(node, "liars", MAX_NEIGHBOURS)) {
      liars.add(item.asText());
    }
    return new Announce(
        self(node),
        MessageFields.bits(node, "have", MAX_PIECES),
        MessageFields.number(node, "hashes", 0, MAX_PIECES),
        node.path("joined").asBoolean(false),
        Set.copyOf(liars));
  }

  public static byte[] write(Ask ask) {
    return MessageFields.bytes(
        MessageFields.object()
            .put("peer", ask.peer())
            .put("have", MessageFields.base64(ask.have().toByteArray()))
            .put("stuck", ask.stuck()));
  }

  public static Ask ask(byte[] body) throws IOException {
    JsonNode node = MessageFields.tree(body);
    return new Ask(
        node.path("peer").asText(),
        MessageFields.bits(node, "have", MAX_PIECES),
        node.path("stuck").asBoolean(false));
  }

  /** Empty: this blob comes without a swarm. */
  public static byte[] write(Optional<Introduction> introduction) {
    ObjectNode node = MessageFields.object().put("swarm", introduction.isPresent());
    introduction.ifPresent(
        i -> {
          node.put("size", i.size())
              .put("pieceSize", i.pieceSize())
              .put("hashesFrom", i.hashesFrom())
              .put("hashes", MessageFields.base64(i.hashes()))
              .put("admission", i.admission())
              .put("key", MessageFields.base64(i.key()));
          ArrayNode list = node.putArray("neighbours");
          for (Neighbour neighbour : i.neighbours()) {
            list.addObject()
                .put("peer", neighbour.address().id())
                .put("host", neighbour.address().host())
                .put("port", neighbour.address().port())
                .put("have", MessageFields.base64(neighbour.have().toByteArray()));
          }
        });
    return MessageFields.bytes(node);
  }

  public static Optional<Introduction> introduction(byte[] body) throws IOException {
    JsonNode node = MessageFields.tree(body);
    if (!node.path("swarm").asBoolean(false)) {
      return Optional.empty();
    }
    long size = node.path("size").asLong(0);
    int pieceSize = MessageFields.number(node, "pieceSize", 64 << 10, 16 << 20);
    if (size <= 0 || (size - 1) / pieceSize >= MAX_PIECES) {
      throw MessageFields.wrong("size");
    }
    byte[] hashes = MessageFields.binary(node, "hashes", MAX_PIECES * 32);
    if (hashes.length % 32 != 0) {
      throw MessageFields.wrong("hashes");
    }
    List<Neighbour> neighbours = new ArrayList<>();
    int pieces = (int) ((size + pieceSize - 1) / pieceSize);
    for (JsonNode item : MessageFields.list(node, "neighbours", MAX_NEIGHBOURS)) {
      PeerAddress address =
          PeerAddress.of(
                  item.path("peer").asText(),
                  item.path("host").asText(),
                  item.path("port").asInt(0))
              .orElseThrow(() -> MessageFields.wrong("neighbours"));
      neighbours.add(new Neighbour(address, MessageFields.bits(item, "have", pieces)));
    }
    return Optional.of(
        new Introduction(
            size,
            pieceSize,
            MessageFields.number(node, "hashesFrom", 0, MAX_PIECES),
            hashes,
            List.copyOf(neighbours),
            node.path("admission").asText(),
            MessageFields.binary(node, "key", 200)));
  }

  public static byte[] write(Have have) {
    return MessageFields.bytes(
        MessageFields.object()
            .put("pieceSize", have.pieceSize())
            .put("have", MessageFields.base64(have.have().toByteArray()))
            .put("complete", have.complete())
            .put("load", have.load()));
  }

  public static Have have(byte[] body, int pieces) throws IOException {
    JsonNode node = MessageFields.tree(body);
    return new Have(
        MessageFields.number(node, "pieceSize", 0, 16 << 20),
        MessageFields.bits(node, "have", pieces),
        node.path("complete").asBoolean(false),
        MessageFields.number(node, "load", 0, 1_000_000));
  }

  private static ObjectNode self(Self self) {
    ObjectNode node = MessageFields.object().put("peer", self.id()).put("port", self.port());
    self.host().ifPresent(host -> node.put("host", host));
    ArrayNode around = node.putArray("around");
    self.around().forEach(around::add);
    return node;
  }

  private static Self self(JsonNode node) throws IOException {
    List<String> around = new ArrayList<>();
    for (JsonNode item : MessageFields.list(node, "around", 8)) {
      if (!PLACE.matcher(item.asText()).matches()) {
        throw MessageFields.wrong("around");
      }
      around.add(item.asText());
    }
    Self self =
        new Self(
            node.path("peer").asText(),
            node.hasNonNull("host") ? Optional.of(node.get("host").asText()) : Optional.empty(),
            MessageFields.number(node, "port", 1, 65_535),
            List.copyOf(around));
    if (self.at("127.0.0.1").isEmpty()) {
      throw MessageFields.wrong("peer");
    }
    return self;
  }
}
