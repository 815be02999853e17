package io.springtide.server.loop;

import io.springtide.server.access.Trail;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Keeps what is written down. */
final class ScriptedTrail implements Trail {
  /** By the version of the commit that carried it. */
  final TreeMap<Long, List<String>> replicated = new TreeMap<>();

  final List<String> alone = new ArrayList<>();

  @Override
  public void follow(String state) {}

  @Override
  public long version() {
    return replicated.isEmpty() ? 0 : replicated.lastKey();
  }

  @Override
  public void replicated(long version, List<String> lines) {
    replicated.put(version, lines);
  }

  @Override
  public void changed(String line) {
    alone.add(line);
  }
}
