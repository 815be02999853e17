package io.springtide.harness.emulator.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All processes of one executor as {@code /proc} shows them: its session (it leads one of its own),
 * the descendants of any of them, and whoever has inherited the mark in its environment, so that a
 * grandchild that left the session and lost its parent is found as well.
 */
final class ProcessTree {

  private static final Path PROC = Path.of("/proc");

  private final long leader;
  private final String mark;

  /**
   * @param leader process id of the session's leader
   * @param mark a text in the environment that only this executor has
   */
  ProcessTree(long leader, String mark) {
    this.leader = leader;
    this.mark = mark;
  }

  /** What {@code /proc/<pid>/stat} says of a process. */
  private record Stat(long pid, long parent, long session, char state) {}

  /** Kills what is there, again and again until nothing is; gives up after some rounds. */
  void kill() {
    for (int round = 0; round < 50; round++) {
      List<Long> alive = alive();
      if (alive.isEmpty()) {
        return;
      }
      for (long pid : alive) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      }
      if (round > 0) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The living processes of the tree, zombies left out. */
  List<Long> alive() {
    List<Stat> all = read();
    Set<Long> mine = new HashSet<>();
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Stat stat : all) {
        boolean member =
            stat.session == leader
                || stat.pid == leader
                || mine.contains(stat.parent)
                || (!mine.contains(stat.pid) && marked(stat.pid));
        if (member && mine.add(stat.pid)) {
          grew = true;
        }
      }
    }
    List<Long> out = new ArrayList<>();
    for (Stat stat : all) {
      if (mine.contains(stat.pid) && stat.state != 'Z' && stat.state != 'X') {
        out.add(stat.pid);
      }
    }
    return out;
  }

  private boolean marked(long pid) {
    try {
      byte[] environment = Files.readAllBytes(PROC.resolve(pid + "/environ"));
      return new String(environment, StandardCharsets.ISO_8859_1).contains(mark);
    } catch (IOException e) {
      return false; // it ended, or belongs to somebody else
    }
  }

  private static List<Stat> read() {
    List<Stat> out = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        try {
          String text = Files.readString(process.resolve("stat"));
          // The name in parentheses may hold anything, so count from its end.
          String[] rest = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
          out.add(
              new Stat(
                  Long.parseLong(process.getFileName().toString()),
                  Long.parseLong(rest[1]),
                  Long.parseLong(rest[3]),
                  rest[0].charAt(0)));
        } catch (IOException e) {
          // It ended while we looked.
        }
      }
    } catch (IOException e) {
      return out;
    }
    return out;
  }
}
