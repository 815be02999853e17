package io.springtide.server.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Fields;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Tokens as they are stored and shown. */
public final class TokenCodec {
  private TokenCodec() {}

  /** What anybody may know of it who may know of tokens. */
  public static ObjectNode show(Token token) {
    ObjectNode node = Documents.object();
    node.put("name", token.name());
    node.put("role", Fields.word(token.holder().role()));
    if (!token.holder().groups().isEmpty()) {
      token.holder().groups().forEach(node.putArray("groups")::add);
    }
    node.put("created", token.created().toString());
    token.expires().ifPresent(end -> node.put("expires", end.toString()));
    token.used().ifPresent(used -> node.put("used", used.toString()));
    return node;
  }

  static byte[] write(Token token) {
    return show(token).put("hash", token.hash()).toString().getBytes(StandardCharsets.UTF_8);
  }

  static Token read(byte[] stored) {
    Fields fields =
        Fields.of(
            Documents.json(stored), "name", "role", "groups", "created", "expires", "used", "hash");
    String of = "it is what this server wrote";
    return new Token(
        new Principal(
            fields.requireText("name", of),
            fields.requireOneOf("role", Role.class),
            fields.texts("groups")),
        fields.requireText("hash", of),
        Instant.parse(fields.requireText("created", of)),
        fields.text("expires").map(Instant::parse),
        fields.text("used").map(Instant::parse));
  }
}
