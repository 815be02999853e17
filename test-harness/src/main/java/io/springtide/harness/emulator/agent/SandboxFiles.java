package io.springtide.harness.emulator.agent;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.wire.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;

/** LIST_FILES and READ_FILE below an agent's work directory, never outside of it. */
final class SandboxFiles {

  private static final int MAX_READ = 1 << 20;

  private SandboxFiles() {}

  private static Path inside(Agent agent, String asked) {
    Path root = agent.config.workDir().toAbsolutePath().normalize();
    Path path = Path.of(asked).normalize();
    try {
      return path.isAbsolute()
              && path.startsWith(root)
              && path.toRealPath().startsWith(root.toRealPath())
          ? path
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  static Reply list(Agent agent, String asked) {
    Path path = inside(agent, asked);
    if (path == null || !Files.isDirectory(path)) {
      return Reply.error(404, "");
    }
    Response.Builder out = Response.newBuilder().setType(Response.Type.LIST_FILES);
    try (Stream<Path> children = Files.list(path)) {
      List<Path> sorted = children.sorted().toList();
      for (Path child : sorted) {
        var info = out.getListFilesBuilder().addFileInfosBuilder().setPath(child.toString());
        info.setNlink(1).setSize(Files.isDirectory(child) ? 4096 : Files.size(child));
        info.getMtimeBuilder()
            .setNanoseconds(Files.getLastModifiedTime(child).toMillis() * 1_000_000L);
        info.setMode(Files.isDirectory(child) ? 0040755 : 0100644).setUid("root").setGid("root");
      }
    } catch (IOException e) {
      return Reply.error(500, "Failed to list '" + asked + "': " + e);
    }
    return Reply.of(out.build());
  }

  static Reply read(Agent agent, Call.ReadFile call) {
    Path path = inside(agent, call.getPath());
    if (path == null || !Files.isRegularFile(path)) {
      return Reply.error(404, "");
    }
    long wanted = call.hasLength() ? call.getLength() : MAX_READ;
    int length = (int) Math.max(0, Math.min(wanted, MAX_READ));
    try (SeekableByteChannel file = Files.newByteChannel(path)) {
      Response.Builder out = Response.newBuilder().setType(Response.Type.READ_FILE);
      ByteBuffer buffer = ByteBuffer.allocate(length);
      if (call.getOffset() <= file.size()) {
        file.position(call.getOffset());
        while (buffer.hasRemaining() && file.read(buffer) > 0) {
          // until full or the end
        }
      }
      buffer.flip();
      out.getReadFileBuilder().setSize(file.size()).setData(ByteString.copyFrom(buffer));
      return Reply.of(out.build());
    } catch (IOException e) {
      return Reply.error(500, "Failed to read '" + call.getPath() + "': " + e);
    }
  }
}
