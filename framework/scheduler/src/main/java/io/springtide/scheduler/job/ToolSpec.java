package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A container that accompanies the main one and shares its network and volumes.
 *
 * @param name a name, unique within the job
 * @param image its image
 * @param command arguments; empty: the image's own
 * @param env its environment
 */
public record ToolSpec(String name, String image, List<String> command, Map<String, String> env) {
  public ToolSpec {
    Names.requireName("name", name);
    if (image == null || image.isBlank()) {
      throw new InvalidModelException("image", "a tool needs an image", "name one");
    }
    command = List.copyOf(command);
    env = Collections.unmodifiableMap(new TreeMap<>(env));
  }
}
