package io.springtide.executor.runtime;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two files of one container's output. Written in pieces of the buffer's size, or soon after
 * the first byte: who follows a file sees a line that is not followed by others, too.
 */
final class OutputFiles implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192; // times two, times a hundred containers
  private static final long FLUSH_MILLIS = 100;
  private static final Logger log = LoggerFactory.getLogger(OutputFiles.class);

  private final ScheduledExecutorService timer;
  private final OutputStream out; // guarded by this, like all below
  private final OutputStream err;
  private boolean flushComes;
  private boolean closed;

  private OutputFiles(ScheduledExecutorService timer, OutputStream out, OutputStream err) {
    this.timer = timer;
    this.out = out;
    this.err = err;
  }

  /**
   * Opens both for appending.
   *
   * @param timer flushes
   * @param prefix of the names {@code stdout} and {@code stderr}
   */
  static OutputFiles open(ScheduledExecutorService timer, Path directory, String prefix)
      throws IOException {
    Files.createDirectories(directory);
    OutputStream out = append(directory.resolve(prefix + "stdout"));
    try {
      return new OutputFiles(timer, out, append(directory.resolve(prefix + "stderr")));
    } catch (IOException e) {
      out.close();
      throw e;
    }
  }

  private static OutputStream append(Path file) throws IOException {
    return new BufferedOutputStream(
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
        BUFFER_BYTES);
  }

  /** Takes bytes as they are; after {@link #close} nothing. */
  synchronized void write(boolean stderr, byte[] bytes, int from) throws IOException {
    if (closed) {
      return;
    }
    (stderr ? err : out).write(bytes, from, bytes.length - from);
    if (!flushComes) {
      flushComes = true;
      try {
        timer.schedule(this::flush, FLUSH_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException ending) {
        flush();
      }
    }
  }

  /** Something of our own about this output, on a line of {@code stderr}. */
  synchronized void say(String line) {
    try {
      write(true, ("springtide: " + line + "\n").getBytes(StandardCharsets.UTF_8), 0);
    } catch (IOException diskFull) {
      log.warn("\"{}\" not written: {}", line, diskFull.toString());
    }
  }

  private synchronized void flush() {
    flushComes = false;
    if (closed) {
      return;
    }
    try {
      out.flush();
      err.flush();
    } catch (IOException e) {
      log.warn("output not written: {}", e.toString()); // the next write fails, and says so
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (out;
        err) {
      out.flush();
      err.flush();
    } catch (IOException e) {
      log.warn("the end of an output is not written: {}", e.toString());
    }
  }
}
