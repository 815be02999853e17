package io.springtide.harness.bench.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Clients that pull an image: the manifest by its tag, then every blob. All of them together on two
 * threads with a buffer each that stays in the processor's cache, so that as little as possible of
 * the machine goes to them and what is measured is the server. They count every byte; {@code
 * verify} makes them hash as well.
 */
final class PullClients {
  /**
   * What the clients saw.
   *
   * @param seconds from the first request to the last byte of the last client
   * @param bytes of blobs, all clients together
   * @param p99FirstByteMicros from a blob's request to the first byte of its body
   */
  record Result(double seconds, long bytes, long p99FirstByteMicros) {}

  private static final int THREADS = 2;
  private static final int BUFFER = 256 << 10;

  /** Without a byte for any client of a thread for so long, the server is given up. */
  private static final int PATIENCE_MILLIS = 60_000;

  private PullClients() {}

  static Result pull(int port, TestImage image, int clients, boolean verify)
      throws InterruptedException, IOException {
    ConcurrentHistogram firstBytes = new ConcurrentHistogram(3);
    int threads = Math.min(clients, THREADS);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      long begin = System.nanoTime();
      List<Callable<Long>> work = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int share = clients / threads + (i < clients % threads ? 1 : 0);
        work.add(() -> pullSome(port, image, share, verify, firstBytes));
      }
      long bytes = 0;
      for (Future<Long> done : executor.invokeAll(work)) {
        bytes += done.get();
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new Result(seconds, bytes, firstBytes.getValueAtPercentile(99));
    } catch (ExecutionException e) {
      throw new IOException("a client failed: " + e.getCause(), e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  private static long pullSome(
      int port, TestImage image, int clients, boolean verify, ConcurrentHistogram firstBytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    List<PullClient> all = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < clients; i++) {
        PullClient client = PullClient.connect(port, image, verify, firstBytes);
        all.add(client);
        client.channel().register(selector, SelectionKey.OP_READ, client);
      }
      for (int open = clients; open > 0; ) {
        if (selector.select(PATIENCE_MILLIS) == 0) {
          throw new IOException("no byte for " + PATIENCE_MILLIS / 1000 + " s");
        }
        for (SelectionKey key : selector.selectedKeys()) {
          PullClient client = (PullClient) key.attachment();
          if (client.read(buffer)) {
            key.cancel();
            open--;
          }
        }
        selector.selectedKeys().clear();
      }
      long bytes = all.stream().mapToLong(PullClient::received).sum();
      if (bytes != clients * image.bytes()) {
        throw new IOException("pulled " + bytes + " bytes, not " + clients + " × " + image.bytes());
      }
      return bytes;
    } finally {
      for (PullClient client : all) {
        client.close();
      }
    }
  }
}
