package io.springtide.server.mesos;

import com.google.protobuf.InvalidProtocolBufferException;
import io.springtide.executor.contract.ExecutorCommand;
import io.springtide.partition.model.Resources;
import io.springtide.server.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.DurationInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.Resource;

/**
 * The executors' descriptions, by the id that each got.
 *
 * <p>Mesos refuses a launch whose ExecutorInfo differs from that of the live executor with the same
 * id on that agent. An id is a hash of the whole description (the jar's content, its URL, the
 * command, the resources), so equal ids mean equal descriptions; and every description is kept
 * before it is first used, so that a launch beside a live executor repeats that one's description
 * to the byte, whatever URL or port this process would write today.
 */
public final class ExecutorTable {
  private static final String PREFIX = "springtide-";
  private static final int HASH_DIGITS = 16;

  /** Withdraw, drain and stop everything on a host: what agents grant at a SHUTDOWN. */
  private static final long SHUTDOWN_GRACE_NANOS = 120_000_000_000L;

  /** Where descriptions outlive the process. */
  public interface Shelf {
    /** All that were ever kept, by id. */
    Map<String, byte[]> all();

    /** Keeps one; when it returns, it is durable. */
    void keep(String id, byte[] description);
  }

  private final Shelf shelf;
  private final ExecutorJar jar;
  private final String java;
  private final Map<String, ExecutorInfo> known = new HashMap<>();

  /**
   * @param java the JVM on the agents
   */
  public ExecutorTable(Shelf shelf, ExecutorJar jar, String java) {
    this.shelf = shelf;
    this.jar = jar;
    this.java = java;
    shelf
        .all()
        .forEach(
            (id, bytes) -> {
              try {
                known.put(id, ExecutorInfo.parseFrom(bytes));
              } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("The kept description of " + id + " is damaged", e);
              }
            });
  }

  /** The description that got this id, if it is one of ours. */
  synchronized Optional<ExecutorInfo> of(String executorId) {
    return Optional.ofNullable(known.get(executorId));
  }

  /** All ids that we ever used. */
  synchronized List<String> ids() {
    return List.copyOf(known.keySet());
  }

  /**
   * The description of an executor that starts now, durable before this returns.
   *
   * @param room from which its resources are taken
   */
  @SuppressWarnings("deprecation") // Mesos still shows the source, and it has no other field.
  synchronized ExecutorInfo fresh(String frameworkId, Resources overhead, OfferedRoom room)
      throws OfferedRoom.Lacking {
    List<Resource> resources = room.take(overhead, List.of());
    ExecutorInfo.Builder info = ExecutorInfo.newBuilder();
    info.setType(ExecutorInfo.Type.CUSTOM)
        .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId))
        .setName("Springtide executor")
        .setSource("springtide")
        .setCommand(command())
        .setShutdownGracePeriod(DurationInfo.newBuilder().setNanoseconds(SHUTDOWN_GRACE_NANOS))
        .addAllResources(resources);
    String id = PREFIX + hash(jar.sha256(), info.clone().setExecutorId(executorId("")).build());
    ExecutorInfo whole = info.setExecutorId(executorId(id)).build();
    if (!known.containsKey(id)) {
      shelf.keep(id, whole.toByteArray());
      known.put(id, whole);
    }
    return whole;
  }

  private CommandInfo command() {
    List<String> arguments = ExecutorCommand.arguments(java, jar.sha256());
    CommandInfo.URI.Builder uri =
        CommandInfo.URI
            .newBuilder()
            .setValue(jar.url())
            .setExtract(false)
            .setExecutable(false)
            .setCache(true);
    if (!jar.url().endsWith("/" + ExecutorCommand.JAR)) {
      uri.setOutputFile(ExecutorCommand.JAR);
    }
    return CommandInfo.newBuilder()
        .setShell(false)
        .setValue(arguments.get(0))
        .addAllArguments(arguments)
        .addUris(uri)
        .build();
  }

  private static ExecutorID executorId(String value) {
    return ExecutorID.newBuilder().setValue(value).build();
  }

  private static String hash(String jar, ExecutorInfo info) {
    MessageDigest digest = Sha256.begin();
    digest.update(jar.getBytes(StandardCharsets.US_ASCII));
    digest.update(info.toByteArray());
    return Sha256.hex(digest).substring(0, HASH_DIGITS);
  }
}
