package io.springtide.server.store;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.springtide.partition.model.Constraint;
import io.springtide.scheduler.job.DiscoverySpec;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes as JSON: a list of objects, each with the name of its record as {@code "@"} and the
 * record's components; times and durations in seconds. That is a snapshot. A commit is an object:
 * the lines of its {@code audit}, and such a list as {@code changes}; until format 5 it was the
 * list alone. The core's records carry no annotations; what JSON needs to know of them stands here.
 */
final class ChangeCodec {
  private static final String AUDIT = "audit";
  private static final String CHANGES_OF = "changes";
  private static final ObjectMapper JSON = mapper();
  private static final JavaType CHANGES =
      JSON.getTypeFactory().constructCollectionType(List.class, Change.class);
  private static final ObjectWriter WRITER = JSON.writerFor(CHANGES);
  private static final ObjectWriter ONE =
      JSON.writerFor(Change.class).with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private ChangeCodec() {}

  static byte[] toBytes(List<Change> changes) {
    try {
      return WRITER.writeValueAsBytes(changes);
    } catch (JsonProcessingException e) {
      throw new StoreException("A change has no JSON form: " + e.getOriginalMessage(), e);
    }
  }

  /** One change alone, in ASCII: whatever a copy of it passes through, it stays what it is. */
  static byte[] toBytes(Change change) {
    try {
      return ONE.writeValueAsBytes(change);
    } catch (JsonProcessingException e) {
      throw new StoreException("A change has no JSON form: " + e.getOriginalMessage(), e);
    }
  }

  /** A commit. The audit comes first, so that whoever wants it alone reads no further. */
  static byte[] toBytes(Commit commit) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (JsonGenerator json = JSON.createGenerator(out)) {
        json.writeStartObject();
        json.writeArrayFieldStart(AUDIT);
        for (String line : commit.audit()) {
          json.writeString(line);
        }
        json.writeEndArray();
        json.writeFieldName(CHANGES_OF);
        WRITER.writeValue(json, commit.changes());
        json.writeEndObject();
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new StoreException("A change has no JSON form: " + e.getMessage(), e);
    }
  }

  /** The same as {@link #toBytes(List)}, without all of it in memory at once. */
  static void write(List<Change> changes, OutputStream out) throws IOException {
    try (SequenceWriter writer =
        JSON.writerFor(Change.class)
            .without(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
            .writeValuesAsArray(out)) {
      writer.writeAll(changes);
    } catch (JsonProcessingException e) {
      throw new StoreException("A change has no JSON form: " + e.getOriginalMessage(), e);
    }
  }

  /** The changes of a snapshot, or of a commit. */
  static List<Change> fromBytes(byte[] bytes) {
    return commit(0, bytes).changes();
  }

  /** What a commit of that version says. */
  static Commit commit(long version, byte[] bytes) {
    try (JsonParser json = JSON.createParser(bytes)) {
      List<String> audit = audit(json);
      List<Change> changes = JSON.readerFor(CHANGES).readValue(json);
      return new Commit(version, changes, audit);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The lines of a commit's audit alone; none of what is a list of changes. */
  static List<String> audit(InputStream text) {
    try (JsonParser json = JSON.createParser(text)) {
      return audit(json);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Reads them, and stands then at the list of changes. */
  private static List<String> audit(JsonParser json) throws IOException {
    List<String> lines = new ArrayList<>();
    if (json.nextToken() == JsonToken.START_OBJECT) {
      require(AUDIT.equals(json.nextFieldName()) && json.nextToken() == JsonToken.START_ARRAY);
      for (String line = json.nextTextValue(); line != null; line = json.nextTextValue()) {
        lines.add(line);
      }
      require(json.currentToken() == JsonToken.END_ARRAY);
      require(CHANGES_OF.equals(json.nextFieldName()));
      json.nextToken();
    }
    require(json.currentToken() == JsonToken.START_ARRAY);
    return lines;
  }

  private static void require(boolean asExpected) throws IOException {
    if (!asExpected) {
      throw new IOException("it is neither a list of changes nor a commit");
    }
  }

  /** The same without its meaning, for what an earlier format says. */
  static JsonNode tree(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  static Change oneFromBytes(byte[] bytes) {
    try {
      return JSON.readValue(bytes, Change.class);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  static List<Change> fromTree(JsonNode changes) {
    try {
      return JSON.readerFor(CHANGES).readValue(changes);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static StoreException unreadable(IOException e) {
    return new StoreException(
        "The stored state does not read; was it written by a newer release? " + e.getMessage(), e);
  }

  private static ObjectMapper mapper() {
    JsonMapper.Builder builder =
        JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            // Seconds with nine decimals. Reading dates in words was two thirds of a restore.
            .enable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            // A tree keeps all of them.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // A component that is missing would silently be 0 or null: its upgrade is forgotten.
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            // Components only: a record's own questions, such as isZero, are no data.
            .visibility(PropertyAccessor.GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS));
    for (Class<?> sealed :
        List.of(Change.class, Constraint.class, DiscoverySpec.class, HealthSpec.Probe.class)) {
      builder.addMixIn(sealed, Named.class);
      for (Class<?> permitted : sealed.getPermittedSubclasses()) {
        builder.registerSubtypes(new NamedType(permitted, permitted.getSimpleName()));
      }
    }
    return builder.build();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "@")
  private interface Named {}
}
