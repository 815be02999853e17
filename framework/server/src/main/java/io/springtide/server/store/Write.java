package io.springtide.server.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.TransactionOp;

/**
 * One write of a znode, as part of a multi.
 *
 * @param path without the namespace that Curator puts before it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
sealed interface Write {
  /**
   * Most bytes of one multi. ZooKeeper refuses packets of 1 MiB (jute.maxbuffer), and a client that
   * sends one loses its connection; half of that leaves room for what servers add among themselves.
   */
  int MOST_BYTES = 512 * 1024;

  /** Most bytes of one znode's data: with its path, it fits into a multi of its own. */
  int MOST_DATA = MOST_BYTES - 8 * 1024;

  /**
   * More than the request around the operations takes: its length (4), its header (8), the end of
   * the list (9), and the operation on /leader that goes first, with its path and three numbers.
   */
  int ENVELOPE = 256;

  /**
   * More than an operation takes besides path and data: its header (9), the lengths of path and
   * data (8), a version or flags (4), and for a create its access list (27: one entry, world and
   * anyone). Answers take less: they repeat paths, but no data.
   */
  int OVERHEAD = 64;

  String path();

  /** What the znode holds afterwards; empty: it is gone. */
  Optional<byte[]> left();

  /** The same as a part of a transaction of Curator's. */
  CuratorOp operation(TransactionOp of) throws Exception;

  /** A znode that must not be there yet. */
  record Create(String path, byte[] data) implements Write {
    @Override
    public Optional<byte[]> left() {
      return Optional.of(data);
    }

    @Override
    public CuratorOp operation(TransactionOp of) throws Exception {
      return of.create().forPath(path, data);
    }
  }

  /** New data of a znode that is there. */
  record Put(String path, byte[] data) implements Write {
    @Override
    public Optional<byte[]> left() {
      return Optional.of(data);
    }

    @Override
    public CuratorOp operation(TransactionOp of) throws Exception {
      return of.setData().forPath(path, data);
    }
  }

  /** The end of a znode that is there and has no children. */
  record Delete(String path) implements Write {
    @Override
    public Optional<byte[]> left() {
      return Optional.empty();
    }

    @Override
    public CuratorOp operation(TransactionOp of) throws Exception {
      return of.delete().forPath(path);
    }
  }

  /**
   * At least as many bytes as it takes in a packet.
   *
   * @param namespace length in bytes of what goes before each path
   */
  default int bytes(int namespace) {
    int data = left().map(bytes -> bytes.length).orElse(0);
    return OVERHEAD + namespace + path().getBytes(StandardCharsets.UTF_8).length + data;
  }

  /** Bytes that a multi has room for besides what goes around its operations. */
  static int room(int namespace) {
    return MOST_BYTES - ENVELOPE - namespace;
  }

  /**
   * The same writes in the same order, in multis that may be sent.
   *
   * @param most writes of one multi: it keeps all others waiting
   */
  static List<List<Write>> packed(List<Write> writes, int namespace, int most) {
    List<List<Write>> multis = new ArrayList<>();
    int room = 0;
    for (Write write : writes) {
      int bytes = write.bytes(namespace);
      if (multis.isEmpty() || bytes > room || multis.get(multis.size() - 1).size() == most) {
        multis.add(new ArrayList<>());
        room = room(namespace);
      }
      multis.get(multis.size() - 1).add(write);
      room -= bytes;
    }
    return multis;
  }
}
