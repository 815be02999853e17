package io.springtide.server.store;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Changes as JSON: a list of objects, each with the name of its record as {@code "@"} and the
 * record's components; times and durations in seconds. The core's records carry no annotations;
 * what JSON needs to know of them stands here.
 */
final class ChangeCodec {
  private static final ObjectMapper JSON = mapper();
  private static final JavaType CHANGES =
      JSON.getTypeFactory().constructCollectionType(List.class, Change.class);
  private static final ObjectWriter WRITER = JSON.writerFor(CHANGES);

  private ChangeCodec() {}

  static byte[] toBytes(List<Change> changes) {
    try {
      return WRITER.writeValueAsBytes(changes);
    } catch (JsonProcessingException e) {
      throw new StoreException("A change has no JSON form: " + e.getOriginalMessage(), e);
    }
  }

  /** The same as {@link #toBytes}, without all of it in memory at once. */
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

  static List<Change> fromBytes(byte[] bytes) {
    try {
      return JSON.readValue(bytes, CHANGES);
    } catch (IOException e) {
      throw unreadable(e);
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
