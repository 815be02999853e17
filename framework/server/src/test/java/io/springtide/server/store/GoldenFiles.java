package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.Shadow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.curator.framework.CuratorFramework;

/**
 * What a lively cluster stored, kept for every later version to read: {@code
 * golden/format-<n>/log.zip} is the tree of znodes of a whole log, {@code snapshot.zip} that of a
 * snapshot with the log after it, and {@code state.txt} says what both of them mean. Those of the
 * newest format are written anew while it changes; once a release has written it, never again.
 */
final class GoldenFiles {
  /** The commit of the snapshot; the rest of the story stays in the log. */
  private static final int SNAPSHOT_AT = 120;

  /** A commit that is kept in chunks of its own, as one that is too large for its entry is. */
  private static final int LARGE = 130;

  private GoldenFiles() {}

  /**
   * Writes what this version stores, and prints what its story does not show.
   *
   * @param args the directory to write to, {@code …/golden/format-<n>}, which must not exist
   */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createDirectory(Path.of(args[0]));
    List<List<Change>> commits = LivelyCluster.commits();
    System.err.println("The story does not show: " + Coverage.lacks(flat(commits)));
    Files.write(directory.resolve("log.zip"), zip(tree(commits, 0)));
    Files.write(directory.resolve("snapshot.zip"), zip(tree(commits, SNAPSHOT_AT)));
    Files.writeString(directory.resolve("state.txt"), StateText.of(flat(commits)));
  }

  /** A tree of znodes by path. */
  static SortedMap<String, byte[]> read(int format, String name) {
    SortedMap<String, byte[]> tree = new TreeMap<>();
    try (InputStream file = file(format, name);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        tree.put("/" + entry.getName(), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tree;
  }

  static String expectation(int format) {
    try (InputStream file = file(format, "state.txt")) {
      return new String(file.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the log of such a tree says, oldest first, and its snapshots. */
  static List<Stored> entries(SortedMap<String, byte[]> tree) throws Exception {
    List<Stored> entries = new ArrayList<>();
    for (Map.Entry<String, byte[]> znode : tree.entrySet()) {
      if (znode.getKey().startsWith("/log/")) {
        byte[] entry = znode.getValue();
        boolean elsewhere = Entry.isElsewhere(entry);
        entries.add(Entry.stored(elsewhere ? joined(tree, "/large/" + Entry.name(entry)) : entry));
      } else if (znode.getKey().startsWith("/snapshots/") && znode.getKey().endsWith("/000000")) {
        String path = znode.getKey().substring(0, znode.getKey().lastIndexOf('/'));
        entries.add(Entry.stored(joined(tree, path)));
      }
    }
    return entries;
  }

  private static byte[] joined(SortedMap<String, byte[]> tree, String path) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    tree.subMap(path + "/", path + "0").values().forEach(whole::writeBytes);
    return whole.toByteArray();
  }

  private static InputStream file(int format, String name) throws IOException {
    String path = "/golden/format-" + format + "/" + name;
    InputStream file = GoldenFiles.class.getResourceAsStream(path);
    if (file == null) {
      throw new IOException("there is no " + path);
    }
    return file;
  }

  /** What a core that commits this stores, with a snapshot at that commit unless it is 0. */
  private static SortedMap<String, byte[]> tree(List<List<Change>> commits, int snapshotAt)
      throws Exception {
    Path data = Files.createTempDirectory("golden");
    try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(data);
        CuratorFramework curator =
            ZooKeeperClient.connect(
                zooKeeper.connectString() + "/golden", Duration.ofSeconds(30))) {
      CommitLog log = new CommitLog(curator, Duration.ofSeconds(30));
      log.open();
      for (int n = 1; n <= commits.size(); n++) {
        log.append(List.of(Entry.of(ChangeCodec.toBytes(commit(n, commits.get(n - 1))))));
        if (n == snapshotAt) {
          Shadow shadow = new Shadow();
          shadow.follow(flat(commits.subList(0, n)));
          Logs.snapshot(log, n, Entry.of(ChangeCodec.toBytes(shadow.changes())));
        }
      }
      SortedMap<String, byte[]> tree = new TreeMap<>();
      export(curator, "", tree);
      chunked(tree);
      return tree;
    } finally {
      try (var files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Every tenth was asked for by somebody. */
  private static Commit commit(int n, List<Change> changes) {
    String line =
        "{\"at\":\"2026-01-01T00:00:00Z\",\"who\":\"ci\",\"from\":\"10.0.0.1\","
            + "\"what\":\"PUT /v1/jobs/feed.api\",\"status\":200}";
    return new Commit(n, changes, n % 10 == 0 ? List.of(line) : List.of());
  }

  /** After the story, so that all its stamps stay what they are. */
  static final Instant LATER = Instant.parse("2027-01-01T00:00:00Z");

  private static List<Change> flat(List<List<Change>> commits) {
    return commits.stream().flatMap(List::stream).toList();
  }

  private static void export(CuratorFramework curator, String path, Map<String, byte[]> tree)
      throws Exception {
    String node = path.isEmpty() ? "/" : path;
    List<String> children = curator.getChildren().forPath(node);
    byte[] data = curator.getData().forPath(node);
    if (!path.isEmpty() && (children.isEmpty() || data.length > 0)) {
      tree.put(path, data);
    }
    for (String child : children) {
      export(curator, path + "/" + child, tree);
    }
  }

  /** A large commit, and a snapshot of two chunks: as they would be if this cluster were larger. */
  private static void chunked(SortedMap<String, byte[]> tree) {
    String commit = "/log/" + String.format("%010d", LARGE);
    byte[] entry = tree.get(commit);
    tree.put(commit, Entry.elsewhere("1-" + LARGE));
    halve(tree, "/large/1-" + LARGE, entry);
    String snapshot = "/snapshots/1-" + SNAPSHOT_AT;
    byte[] whole = tree.get(snapshot + "/000000");
    if (whole != null) {
      halve(tree, snapshot, whole);
      // Nothing but the snapshot says what was before it, as after the next one.
      tree.headMap("/log/" + String.format("%010d", SNAPSHOT_AT + 1))
          .keySet()
          .removeIf(path -> path.startsWith("/log/"));
    }
  }

  private static void halve(Map<String, byte[]> tree, String path, byte[] whole) {
    tree.put(path + "/000000", Arrays.copyOf(whole, whole.length / 2));
    tree.put(path + "/000001", Arrays.copyOfRange(whole, whole.length / 2, whole.length));
  }

  private static byte[] zip(SortedMap<String, byte[]> tree) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> znode : tree.entrySet()) {
        ZipEntry entry = new ZipEntry(znode.getKey().substring(1));
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(znode.getValue());
      }
    }
    return out.toByteArray();
  }
}
