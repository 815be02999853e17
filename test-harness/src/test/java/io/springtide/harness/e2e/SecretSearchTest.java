package io.springtide.harness.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class SecretSearchTest {
  private static final String SECRET = "tide_abcdefghijklmnop?>~0123";

  private final SecretSearch search = new SecretSearch();

  private boolean finds(byte[] bytes) {
    int before = search.found().size();
    search.look("here", bytes);
    return search.found().size() > before;
  }

  @Test
  void aSecretIsFoundHoweverItIsWritten() throws IOException {
    search.secret("token", SECRET);
    byte[] bytes = SECRET.getBytes(UTF_8);
    assertThat(finds(("before " + SECRET + " behind").getBytes(UTF_8))).isTrue();
    assertThat(finds(HexFormat.of().formatHex(bytes).getBytes(UTF_8))).isTrue();
    for (String user : new String[] {"", "a:", "ab:", "abc:"}) {
      byte[] pair = (user + SECRET + user).getBytes(UTF_8);
      assertThat(finds(Base64.getEncoder().encode(pair))).as("base64 behind '%s'", user).isTrue();
      assertThat(finds(Base64.getUrlEncoder().encode(pair))).as("behind '%s'", user).isTrue();
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.write("a length".getBytes(UTF_8));
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    assertThat(finds(packed.toByteArray())).as("packed").isTrue();
    assertThat(search.found()).allMatch(one -> one.secret().equals("token"));
  }

  @Test
  void whatIsNoSecretIsNotFound() {
    search.secret("token", SECRET);
    assertThat(finds(SECRET.substring(1).getBytes(UTF_8))).isFalse();
    assertThat(finds(new byte[] {0x1f, (byte) 0x8b, 8, 1, 2, 3})).isFalse();
  }
}
