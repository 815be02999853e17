package io.springtide.server.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/** Reads znodes, many at once: one after another, each would cost a way there and back. */
final class Reading {
  /** How many answers are awaited at once; each may be half a megabyte. */
  private static final int AHEAD = 64;

  private final CuratorFramework curator;

  Reading(CuratorFramework curator) {
    this.curator = curator;
  }

  /** The data of each of these, in their order; empty where there is no such znode. */
  List<Optional<byte[]>> all(List<String> paths) throws Exception {
    List<Optional<byte[]>> all = new ArrayList<>();
    Deque<CompletableFuture<Optional<byte[]>>> asked = new ArrayDeque<>();
    for (String path : paths) {
      asked.add(ask(path));
      if (asked.size() == AHEAD) {
        all.add(answer(asked.remove()));
      }
    }
    while (!asked.isEmpty()) {
      all.add(answer(asked.remove()));
    }
    return all;
  }

  Optional<byte[]> one(String path) throws Exception {
    return all(List.of(path)).get(0);
  }

  /** The names below it, in order; none if there is no such znode. */
  List<String> names(String path) throws Exception {
    try {
      List<String> names = new ArrayList<>(curator.getChildren().forPath(path));
      Collections.sort(names);
      return names;
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  /** Name and data of each znode below it; none if there is no such znode. */
  Map<String, byte[]> below(String path) throws Exception {
    List<String> names = names(path);
    List<Optional<byte[]>> data = all(names.stream().map(name -> path + "/" + name).toList());
    Map<String, byte[]> below = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      data.get(i).ifPresent(bytes -> below.put(name, bytes));
    }
    return below;
  }

  boolean exists(String path) throws Exception {
    return curator.checkExists().forPath(path) != null;
  }

  private CompletableFuture<Optional<byte[]>> ask(String path) throws Exception {
    CompletableFuture<Optional<byte[]>> answer = new CompletableFuture<>();
    curator
        .getData()
        .inBackground(
            (client, event) -> {
              Code code = Code.get(event.getResultCode());
              if (code == Code.OK) {
                answer.complete(Optional.of(event.getData()));
              } else if (code == Code.NONODE) {
                answer.complete(Optional.empty());
              } else {
                answer.completeExceptionally(KeeperException.create(code, path));
              }
            })
        .forPath(path);
    return answer;
  }

  private static Optional<byte[]> answer(CompletableFuture<Optional<byte[]>> answer)
      throws Exception {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KeeperException cause ? cause : e;
    }
  }
}
