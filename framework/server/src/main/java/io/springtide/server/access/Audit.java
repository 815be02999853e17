package io.springtide.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.server.document.Documents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
 * Who did what, from where, and what came of it. A change is written at once. Refusals of one kind
 * are added up for a minute: whoever knocks a thousand times a second must not fill the disk.
 */
public final class Audit implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Audit.class);
  private static final Duration ADDED_UP = Duration.ofMinutes(1);

  /** Kinds of refusals that are added up at the same time; what is beyond is one kind. */
  private static final int MOST_KINDS = 1000;

  private static final String MANY = "(many)";

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

  public Audit(AuditFile file, Supplier<Instant> clock) {
    this.file = file;
    this.clock = clock;
  }

  /** Writes what was changed. */
  public synchronized void changed(Deed deed) {
    Instant now = clock.get();
    settle(now.minus(ADDED_UP));
    write(now, deed, 1);
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
    ObjectNode line = Documents.object().put("at", at.toString());
    line.put("who", deed.who()).put("from", deed.from()).put("what", deed.what());
    line.put("status", deed.status());
    if (times > 1) {
      line.put("times", times);
    }
    try {
      file.append(line.toString());
    } catch (IOException e) {
      // The change is made: to fail now would only hide that. The log is the second place.
      log.error("Not in the audit ({}): {}", e.toString(), line);
    }
  }

  /** The newest entries, newest first; at most so many. */
  public synchronized List<JsonNode> newest(int most) throws IOException {
    settle(Instant.MAX);
    List<JsonNode> entries = new ArrayList<>();
    for (String line : file.newest(most)) {
      entries.add(Documents.json(line.getBytes(StandardCharsets.UTF_8)));
    }
    return entries;
  }

  @Override
  public synchronized void close() {
    settle(Instant.MAX);
  }
}
