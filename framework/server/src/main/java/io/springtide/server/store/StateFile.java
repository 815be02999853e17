package io.springtide.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.digest.Sha256;
import io.springtide.server.document.Documents;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole state as a file: a line of JSON for what it is, one for each change that makes it from
 * nothing, as {@link ChangeCodec} writes it, and one that says how many there were and the SHA-256
 * of all lines before. Read in every format that this release reads from a store.
 */
public final class StateFile {
  private static final String KIND = "springtide";
  private static final String STATE = "state";
  private static final String CHANGES = "changes";
  private static final String SHA256 = "sha256";

  /** No line is longer: a job with all its revisions is far below. */
  private static final int LONGEST_LINE = 64 << 20;

  private StateFile() {}

  /** It is not whole, or no such file. */
  public static final class BadFileException extends Exception {
    private static final long serialVersionUID = 1L;

    BadFileException(String message) {
      super(message);
    }
  }

  /** Writes it; only one change at a time is put into words. */
  public static void write(StateStore.Loaded state, OutputStream to) throws IOException {
    MessageDigest digest = Sha256.begin();
    DigestOutputStream out = new DigestOutputStream(to, digest);
    line(
        Documents.object()
            .put(KIND, STATE)
            .put("format", Formats.CURRENT)
            .put("version", state.version())
            .put(CHANGES, state.changes().size()),
        out);
    for (Change change : state.changes()) {
      out.write(ChangeCodec.toBytes(change));
      out.write('\n');
    }
    String sum = Sha256.hex(digest);
    line(
        Documents.object().put("end", true).put(CHANGES, state.changes().size()).put(SHA256, sum),
        to);
    to.flush();
  }

  private static void line(ObjectNode line, OutputStream out) throws IOException {
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads it to its end.
   *
   * @throws BadFileException if it is something else, cut off, changed, or of a later format
   */
  public static StateStore.Loaded read(InputStream from) throws IOException, BadFileException {
    InputStream in = new BufferedInputStream(from, 1 << 16);
    MessageDigest digest = Sha256.begin();
    byte[] first = line(in, 1);
    JsonNode head = json(first, 1);
    if (!head.path(KIND).asText().equals(STATE)) {
      throw new BadFileException(
          "line 1 does not say that this is a state; was it exported by tide?");
    }
    digest.update(first);
    digest.update((byte) '\n');
    int format = head.path("format").asInt();
    long count = head.path(CHANGES).asLong(-1);
    long version = head.path("version").asLong();
    List<Change> changes = new ArrayList<>();
    try {
      ChangeReader reader = new ChangeReader();
      Formats.require(format);
      for (long n = 0; n < count; n++) {
        byte[] text = line(in, n + 2);
        digest.update(text);
        digest.update((byte) '\n');
        changes.add(reader.change(format, text));
      }
    } catch (StoreException e) {
      throw new BadFileException("line " + (changes.size() + 2) + ": " + e.getMessage());
    }
    JsonNode end = json(line(in, count + 2), count + 2);
    String sum = Sha256.hex(digest);
    if (!end.path("end").asBoolean()
        || end.path(CHANGES).asLong(-1) != count
        || !end.path(SHA256).asText().equals(sum)) {
      throw new BadFileException(
          "its last line does not fit what stands before it: it was changed after it was written");
    }
    if (in.read() >= 0) {
      throw new BadFileException("something follows its last line");
    }
    return new StateStore.Loaded(version, changes);
  }

  /** Without its end. */
  private static byte[] line(InputStream in, long number) throws IOException, BadFileException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new BadFileException("it ends within line " + number + ": it was cut off");
      }
      line.write(b);
      if (line.size() > LONGEST_LINE) {
        throw new BadFileException("line " + number + " is too long for any change");
      }
    }
    return line.toByteArray();
  }

  private static JsonNode json(byte[] line, long number) throws BadFileException {
    try {
      return Documents.json(line);
    } catch (InvalidModelException e) {
      throw new BadFileException("line " + number + " is " + e.getMessage());
    }
  }
}
