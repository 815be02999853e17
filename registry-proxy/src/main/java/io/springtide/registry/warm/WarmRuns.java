package io.springtide.registry.warm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.fill.FillTable;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.Upstreams.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Images that were asked to be brought, and how far each of them is: the newest run of each. */
@SuppressWarnings("FutureReturnValueIgnored") // The run's own future tells of it.
public final class WarmRuns {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_RUNS = 1000;

  private record Run(Parts parts, CompletableFuture<Digest> result) {}

  private final Warmer warmer;
  private final BlobStore store;
  private final FillTable fills;

  // Guarded by this.
  private final Map<String, Run> runs = new LinkedHashMap<>();

  public WarmRuns(Warmer warmer, BlobStore store, FillTable fills) {
    this.warmer = warmer;
    this.store = store;
    this.fills = fills;
  }

  /** Starts a run, or joins the one under way; completes as {@link Warmer#warm} does. */
  public CompletableFuture<Digest> start(Target target, TagName tag) {
    return start(target, tag, true);
  }

  /** Starts a run though there is one: it may have asked before the tag moved. */
  public CompletableFuture<Digest> startAnew(Target target, TagName tag) {
    return start(target, tag, false);
  }

  private CompletableFuture<Digest> start(Target target, TagName tag, boolean mayJoin) {
    String key = key(target, tag);
    Parts parts;
    CompletableFuture<Digest> result;
    synchronized (this) {
      Run present = runs.get(key);
      if (mayJoin && present != null && !present.result.isDone()) {
        return present.result;
      }
      parts = new Parts();
      result = new CompletableFuture<>();
      runs.remove(key);
      runs.put(key, new Run(parts, result));
      if (runs.size() > MAX_RUNS) {
        runs.remove(runs.keySet().iterator().next());
      }
    }
    return warmer
        .warm(target, tag, parts)
        .whenComplete(
            (digest, error) -> {
              if (error == null) {
                result.complete(digest);
              } else {
                result.completeExceptionally(error);
              }
            });
  }

  /**
   * {@code {"state": "running|done|failed", "bytes", "storedBytes", "digest", "error"}}; empty if
   * nobody asked for the image since this process started.
   */
  public Optional<ObjectNode> progress(Target target, TagName tag) {
    Run run;
    synchronized (this) {
      run = runs.get(key(target, tag));
    }
    if (run == null) {
      return Optional.empty();
    }
    ObjectNode node = JSON.createObjectNode();
    // Asked in this order: of a run that is done all bytes are counted.
    boolean over = run.result.isDone();
    boolean failed = run.result.isCompletedExceptionally();
    node.put("state", failed ? "failed" : over ? "done" : "running");
    node.put("bytes", run.parts.bytes());
    node.put("storedBytes", run.parts.arrived(store, fills));
    if (failed) {
      node.put("error", ContentFailure.from(run.result.handle((d, e) -> e).join()).getMessage());
    } else if (over) {
      node.put("digest", run.result.join().toString());
    }
    return Optional.of(node);
  }

  private static String key(Target target, TagName tag) {
    return target.place() + ":" + tag;
  }
}
