package io.springtide.harness.emulator.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What executors show to an agent with {@code --authenticate_http_executors}: a JSON Web Token (RFC
 * 7519), signed with the agent's key by HMAC-SHA256, that says which framework, executor and
 * container its bearer is. As in Mesos' {@code src/authentication/executor} and libprocess' {@code
 * jwt.cpp}, whose texts these are.
 */
public final class ExecutorTokens {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEADER = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

  private final byte[] key;

  /**
   * @param key the agent's key, from its {@code --jwt_secret_key} file; not empty
   */
  public ExecutorTokens(byte[] key) {
    if (key.length == 0) {
      throw new IllegalArgumentException("the key is empty");
    }
    this.key = key.clone();
  }

  /** The token of one run of an executor. */
  public String token(String frameworkId, String executorId, String containerId) {
    ObjectNode claims = JSON.createObjectNode();
    claims.put("cid", containerId).put("eid", executorId).put("fid", frameworkId);
    String signed = HEADER + "." + encoded(claims.toString());
    return signed + "." + base64(signature(signed));
  }

  /** What an Authorization header was found to be. */
  public sealed interface Found {
    /** A good token. */
    record Bearer(String frameworkId, String executorId, String containerId) implements Found {}

    /** No good token; {@code challenge} is the WWW-Authenticate of the 401. */
    record Refused(String challenge) implements Found {}
  }

  /**
   * Looks at an Authorization header.
   *
   * @param headerOrNull null when there is none
   */
  public Found check(String headerOrNull) {
    String realm = "Bearer realm=\"mesos-agent-executor\"";
    if (headerOrNull == null) {
      return new Found.Refused(realm);
    }
    String[] parts = headerOrNull.split(" ", -1);
    if (parts.length != 2) {
      return refused(realm, "Malformed 'Authorization' header");
    }
    if (!parts[0].equals("Bearer")) {
      return refused(realm, "Scheme '" + parts[0] + "' unsupported");
    }
    return claims(parts[1])
        .<Found>map(
            claims ->
                new Found.Bearer(
                    claims.path("fid").asText(),
                    claims.path("eid").asText(),
                    claims.path("cid").asText()))
        .orElseGet(() -> refused(realm, "Invalid JWT: " + wrong(parts[1])));
  }

  private static Found refused(String realm, String why) {
    return new Found.Refused(
        realm + ", error=\"invalid_token\", error_description=\"" + why + "\"");
  }

  private Optional<JsonNode> claims(String token) {
    String[] parts = token.split("\\.", -1);
    boolean signed =
        parts.length == 3
            && parts[0].equals(HEADER)
            && MessageDigest.isEqual(
                base64(signature(parts[0] + "." + parts[1])).getBytes(StandardCharsets.US_ASCII),
                parts[2].getBytes(StandardCharsets.UTF_8));
    if (!signed) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(Base64.getUrlDecoder().decode(parts[1])));
    } catch (java.io.IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String wrong(String token) {
    int parts = token.split("\\.", -1).length;
    return parts == 3
        ? "Token signature does not match"
        : "Expected 3 components in token, got " + parts;
  }

  private byte[] signature(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static String encoded(String json) {
    return base64(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
