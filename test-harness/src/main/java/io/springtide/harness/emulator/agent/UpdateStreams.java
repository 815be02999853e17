package io.springtide.harness.emulator.agent;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.Timings;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.TaskStates;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.TaskStatus;

/**
 * The updates of each task, sent one at a time: the next only when the framework has acknowledged
 * the one before, each again after a pause that doubles. Kept over a restart of the agent.
 */
final class UpdateStreams {

  private final Map<Key, Stream> streams = new LinkedHashMap<>();
  private Loop loop;
  private Timings timings;
  private Forward forward = (frameworkId, status, timestamp) -> {};
  private boolean paused = true;

  /** Where updates go. */
  interface Forward {
    void send(String frameworkId, TaskStatus status, double timestamp);
  }

  private record Pending(TaskStatus status, double timestamp) {}

  private record Key(String frameworkId, String taskId) {}

  private static final class Stream {
    final Deque<Pending> pending = new ArrayDeque<>();
    final Set<ByteString> seen = new HashSet<>();
    final boolean checkpoint;
    boolean ended;
    Loop.Timer retry;

    Stream(boolean checkpoint) {
      this.checkpoint = checkpoint;
    }
  }

  /** A (new) agent process takes the streams over. */
  void attach(Loop newLoop, Timings newTimings, Forward newForward) {
    loop = newLoop;
    timings = newTimings;
    forward = newForward;
    pause();
    streams.values().removeIf(stream -> !stream.checkpoint);
  }

  /** Takes an update in. A uuid that was seen before changes nothing. */
  void update(String frameworkId, TaskStatus status, double timestamp, boolean checkpoint) {
    Key key = new Key(frameworkId, status.getTaskId().getValue());
    Stream stream = streams.computeIfAbsent(key, k -> new Stream(checkpoint));
    if (stream.ended || !stream.seen.add(status.getUuid())) {
      return;
    }
    stream.ended = TaskStates.terminal(status.getState());
    stream.pending.addLast(new Pending(status, timestamp));
    if (stream.pending.size() == 1 && !paused) {
      send(key, stream, timings.updateRetryMin());
    }
  }

  private void send(Key key, Stream stream, Duration pause) {
    if (stream.retry != null) {
      stream.retry.cancel();
    }
    stream.retry =
        loop.after(
            pause,
            () -> {
              if (!paused && streams.get(key) == stream && !stream.pending.isEmpty()) {
                Duration twice = pause.multipliedBy(2);
                Duration max = timings.updateRetryMax();
                send(key, stream, twice.compareTo(max) > 0 ? max : twice);
              }
            });
    Pending oldest = stream.pending.peekFirst();
    forward.send(key.frameworkId, oldest.status, oldest.timestamp);
  }

  /**
   * The framework acknowledged.
   *
   * @return whether that was the last update of its task
   */
  boolean acknowledge(String frameworkId, String taskId, ByteString uuid) {
    Key key = new Key(frameworkId, taskId);
    Stream stream = streams.get(key);
    if (stream == null
        || stream.pending.isEmpty()
        || !stream.pending.peekFirst().status.getUuid().equals(uuid)) {
      return false;
    }
    TaskStatus status = stream.pending.pollFirst().status;
    if (stream.retry != null) {
      stream.retry.cancel();
    }
    if (TaskStates.terminal(status.getState())) {
      streams.remove(key);
      return true;
    }
    if (!stream.pending.isEmpty() && !paused) {
      send(key, stream, timings.updateRetryMin());
    }
    return false;
  }

  void pause() {
    paused = true;
    for (Stream stream : streams.values()) {
      if (stream.retry != null) {
        stream.retry.cancel();
      }
    }
  }

  /** Sends the oldest update of each task (again). */
  void resume() {
    paused = false;
    for (Map.Entry<Key, Stream> entry : List.copyOf(streams.entrySet())) {
      if (!entry.getValue().pending.isEmpty()) {
        send(entry.getKey(), entry.getValue(), timings.updateRetryMin());
      }
    }
  }

  boolean seenAny(String frameworkId, String taskId) {
    Stream stream = streams.get(new Key(frameworkId, taskId));
    return stream != null && !stream.seen.isEmpty();
  }

  void forget(String frameworkId) {
    streams
        .entrySet()
        .removeIf(
            entry -> {
              boolean mine = entry.getKey().frameworkId.equals(frameworkId);
              if (mine && entry.getValue().retry != null) {
                entry.getValue().retry.cancel();
              }
              return mine;
            });
  }
}
