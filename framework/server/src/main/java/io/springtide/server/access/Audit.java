package io.springtide.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.server.document.Documents;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who did what, from where, and what came of it. Changes of the state travel in its commits, with
 * the version of theirs: each server writes down those of all, so that the next leader's audit goes
 * on from the last one's. What is refused, and what is no commit, is written by the server that was
 * asked. Refusals of one kind are added up for a minute: whoever knocks a thousand times a second
 * must not fill the disk.
 */
public final class Audit implements Trail, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Audit.class);
  private static final Duration ADDED_UP = Duration.ofMinutes(1);

  /** Kinds of refusals that are added up at the same time; what is beyond is one kind. */
  private static final int MOST_KINDS = 1000;

  private static final String MANY = "(many)";
  private static final String VERSION = "version";
  private static final String STATE = "state";

  /**
   * Something that was asked.
   *
   * @param who name of the token; empty: nobody that is known
   * @param from address
   * @param what method and path; a refusal's is that of the route
   * @param status HTTP status of the answer
   */
  public record Deed(String who, String from, String what, int status) {}

  private static final class Sum {
    Instant since;
    int times;
  }

  private final AuditFile file;
  private final Supplier<Instant> clock;
  private final Map<Deed, Sum> refused = new LinkedHashMap<>(); // guarded by this, oldest first

  /** The last commit whose lines are in the file, and how many they are. */
  private long version; // guarded by this

  private int ofVersion; // guarded by this

  public Audit(AuditFile file, Supplier<Instant> clock) throws IOException {
    this.file = file;
    this.clock = clock;
    findVersion();
  }

  private void findVersion() throws IOException {
    for (String line : file.newestWith(List.of(VERSION, STATE))) {
      JsonNode json = AuditFile.json(line).orElseThrow();
      long of = json.path(VERSION).asLong();
      if (json.has(STATE) || (of != 0 && version != 0 && of != version)) {
        return;
      }
      if (of != 0) {
        version = of;
        ofVersion++;
      }
    }
  }

  /** A line that says what is asked now, and what is answered if it is done. */
  public String line(Deed deed) {
    return line(clock.get(), deed, 1).toString();
  }

  @Override
  public synchronized void follow(String state) {
    try {
      String before = file.state();
      if (before.equals(state)) {
        return;
      }
      if (version != 0) {
        Deed begins = new Deed("", "", "(another state begins)", 200);
        write(List.of(line(clock.get(), begins, 1).put(STATE, state)));
        version = 0;
        ofVersion = 0;
      }
      file.state(state);
    } catch (IOException e) {
      log.error("The audit does not know which state it is about: {}", e.toString());
    }
  }

  @Override
  public synchronized long version() {
    return version;
  }

  @Override
  public synchronized void replicated(long of, List<String> lines) {
    if (of < version || (of == version && lines.size() <= ofVersion)) {
      return;
    }
    // A crash may have left some of its lines.
    int here = of == version ? Math.min(ofVersion, lines.size()) : 0;
    List<ObjectNode> written = new ArrayList<>();
    for (String line : lines.subList(here, lines.size())) {
      AuditFile.json(line).ifPresent(json -> written.add(((ObjectNode) json).put(VERSION, of)));
    }
    if (!written.isEmpty()) {
      write(written);
    }
    version = of;
    ofVersion = lines.size();
  }

  @Override
  public synchronized void changed(String line) {
    settle(clock.get().minus(ADDED_UP));
    AuditFile.json(line).ifPresent(json -> write(List.of((ObjectNode) json)));
  }

  /** Writes what was changed and is no commit. */
  public void changed(Deed deed) {
    changed(line(deed));
  }

  /** Counts what was refused; the first of its kind is written at once. */
  public synchronized void refused(Deed deed) {
    Instant now = clock.get();
    settle(now.minus(ADDED_UP));
    Deed kind = deed;
    if (!refused.containsKey(kind) && refused.size() >= MOST_KINDS) {
      kind = new Deed(MANY, MANY, MANY, deed.status());
    }
    Sum sum = refused.get(kind);
    if (sum == null) {
      sum = new Sum();
      sum.since = now;
      refused.put(kind, sum);
      write(now, kind, 1);
    } else {
      sum.times++;
    }
  }

  /** Writes the sums of what began before that. */
  private void settle(Instant before) {
    Iterator<Map.Entry<Deed, Sum>> sums = refused.entrySet().iterator();
    while (sums.hasNext()) {
      Map.Entry<Deed, Sum> next = sums.next();
      if (next.getValue().since.isAfter(before)) {
        return;
      }
      sums.remove();
      if (next.getValue().times > 0) {
        write(clock.get(), next.getKey(), next.getValue().times);
      }
    }
  }

  private void write(Instant at, Deed deed, int times) {
    write(List.of(line(at, deed, times)));
  }

  private static ObjectNode line(Instant at, Deed deed, int times) {
    ObjectNode line = Documents.object().put("at", at.toString());
    line.put("who", deed.who()).put("from", deed.from()).put("what", deed.what());
    line.put("status", deed.status());
    if (times > 1) {
      line.put("times", times);
    }
    return line;
  }

  private void write(List<ObjectNode> lines) {
    try {
      file.append(lines.stream().map(ObjectNode::toString).toList(), clock.get());
    } catch (IOException e) {
      // The change is made: to fail now would only hide that. The log is the second place.
      log.error("Not in the audit ({}): {}", e.toString(), lines);
    }
  }

  /** The newest entries, newest first; at most so many, and none older than 90 days. */
  public synchronized List<JsonNode> newest(int most) throws IOException {
    settle(Instant.MAX);
    List<JsonNode> entries = new ArrayList<>();
    Instant now = clock.get();
    for (String line : file.newest(most)) {
      if (!AuditFile.isPast(line, now)) {
        entries.add(AuditFile.json(line).orElseThrow());
      }
    }
    return entries;
  }

  @Override
  public synchronized void close() {
    settle(Instant.MAX);
  }
}
