package io.springtide.server.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.zookeeper.ZooDefs;

/**
 * A line to a ZooKeeper that breaks when a test says so: at the next transaction, before it arrives
 * or before its answer does. It knows of ZooKeeper's protocol no more than frames, request numbers
 * and kinds.
 */
final class LossyLine implements AutoCloseable {
  private enum Fault {
    NONE,
    LOSE_REQUEST,
    LOSE_ANSWER
  }

  private final int to;
  private final ServerSocket door;
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Fault> next = new AtomicReference<>(Fault.NONE);
  private volatile Runnable meanwhile = () -> {};

  LossyLine(String connectString) throws IOException {
    to = Integer.parseInt(connectString.substring(connectString.lastIndexOf(':') + 1));
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  String connectString() {
    return "127.0.0.1:" + door.getLocalPort();
  }

  /** The next transaction does not arrive. */
  void loseTheNextRequest() {
    next.set(Fault.LOSE_REQUEST);
  }

  /** The next transaction arrives, and its answer does not come back; before that breaks off… */
  void loseTheNextAnswer(Runnable before) {
    meanwhile = before;
    next.set(Fault.LOSE_ANSWER);
  }

  /** Whether what was to be lost is lost. */
  boolean lost() {
    return next.get() == Fault.NONE;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = door.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
      open.add(client);
      open.add(server);
      AtomicReference<Integer> doomed = new AtomicReference<>();
      run(() -> requests(client, server, doomed));
      run(() -> answers(server, client, doomed));
    }
  }

  private void requests(Socket client, Socket server, AtomicReference<Integer> doomed)
      throws IOException {
    forward(
        client,
        server,
        frame -> {
          ByteBuffer head = ByteBuffer.wrap(frame);
          int number = head.getInt();
          Fault fault =
              head.getInt() == ZooDefs.OpCode.multi ? next.getAndSet(Fault.NONE) : Fault.NONE;
          if (fault == Fault.LOSE_ANSWER) {
            doomed.set(number);
          }
          return fault != Fault.LOSE_REQUEST;
        });
  }

  private void answers(Socket server, Socket client, AtomicReference<Integer> doomed)
      throws IOException {
    forward(
        server,
        client,
        frame -> {
          Integer number = doomed.get();
          boolean lost = number != null && ByteBuffer.wrap(frame).getInt() == number;
          if (lost) {
            meanwhile.run();
          }
          return !lost;
        });
  }

  /** Hands on frame by frame, until one is not to pass; then both ends are closed. */
  private static void forward(Socket from, Socket to, Predicate<byte[]> passes) throws IOException {
    try (from;
        to) {
      DataInputStream in = new DataInputStream(from.getInputStream());
      DataOutputStream out = new DataOutputStream(to.getOutputStream());
      byte[] frame = frame(in); // Who connects: neither number nor kind.
      do {
        pass(frame, out);
        frame = frame(in);
      } while (passes.test(frame));
    }
  }

  private static byte[] frame(DataInputStream in) throws IOException {
    byte[] frame = new byte[in.readInt()];
    in.readFully(frame);
    return frame;
  }

  private static void pass(byte[] frame, DataOutputStream out) throws IOException {
    out.writeInt(frame.length);
    out.write(frame);
    out.flush();
  }

  private interface Job {
    void run() throws IOException;
  }

  private static void run(Job job) {
    Thread thread =
        new Thread(
            () -> {
              try {
                job.run();
              } catch (IOException e) {
                // An end was closed: by ZooKeeper, by Curator, by the test, or above.
              }
            },
            "line");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
