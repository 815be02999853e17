package io.springtide.registry.manifest;

import io.springtide.registry.manifest.KeptManifests.Kept;
import io.springtide.registry.manifest.Manifest.From;
import io.springtide.registry.rule.TagRules;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.Coalescer;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.SilentUpstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Manifests, by digest (content, never changes) and by tag (the one thing in a registry that does).
 * Stored as the exact bytes that the upstream sent. All futures fail with a {@link ContentFailure}.
 */
public final class Manifests {
  /** What a digest names stays what it was. */
  private static final Duration FOREVER = Duration.ofDays(100_000);

  private final KeptManifests kept;
  private final ManifestQuestions questions;
  private final NegativeCache negative;
  private final SilentUpstreams silent;
  private final TagRules rules;
  private final Duration linkLife;
  private final Executor blocking;
  private final Coalescer<String, Manifest> underWay = new Coalescer<>();

  public Manifests(
      KeptManifests kept,
      ManifestQuestions questions,
      NegativeCache negative,
      SilentUpstreams silent,
      TagRules rules,
      Duration linkLife,
      Executor blocking) {
    this.kept = kept;
    this.questions = questions;
    this.negative = negative;
    this.silent = silent;
    this.rules = rules;
    this.linkLife = linkLife;
    this.blocking = blocking;
  }

  /**
   * One manifest that is looked for.
   *
   * @param fresh for so long after upstream's word nobody asks again
   * @param usable for so long it serves while the upstream cannot be asked
   * @param forget what to do when upstream says that it is not there
   */
  private record Sought(
      String key,
      Place place,
      Supplier<Optional<Kept>> kept,
      Duration fresh,
      Duration usable,
      Question question,
      Runnable forget) {}

  private interface Question {
    /**
     * Asks upstream.
     *
     * @param old what is here already
     * @param counts whether the answer may be kept: false once something newer was asked
     */
    CompletableFuture<Manifest> ask(Optional<Manifest> old, BooleanSupplier counts);
  }

  public CompletableFuture<Manifest> byDigest(Target target, Digest digest, Accept accept) {
    Place place = target.place();
    Accept asked = accept.types().isEmpty() ? accept : Accept.ALL;
    return find(
        new Sought(
            NegativeCache.key(place, digest),
            place,
            () -> kept.byDigest(place, digest),
            linkLife,
            FOREVER,
            (old, counts) ->
                questions
                    .get(target, digest.toString(), Optional.of(digest), asked, old.isEmpty())
                    .thenApplyAsync(found -> keep(place, found), blocking),
            () -> kept.forgetLink(place, digest)));
  }

  public CompletableFuture<Manifest> byTag(Target target, TagName tag, Accept accept) {
    return find(sought(target, tag, accept));
  }

  /** Asks upstream what the tag means now, whatever is kept. */
  public CompletableFuture<Manifest> refreshTag(Target target, TagName tag) {
    negative.forget(tagKey(target.place(), tag));
    Sought sought = sought(target, tag, Accept.ALL);
    return underWay.share(sought.key, counts -> ask(sought, counts));
  }

  /**
   * The tag was pushed: answers to earlier requests about it, or about content under it, are not
   * kept.
   */
  public void pushed(Place place, TagName tag) {
    supersede(place, tag);
    negative.forget(NegativeCache.prefix(place));
  }

  /** Forgets what the tag meant; the next request asks upstream. False if nothing was known. */
  public boolean forget(Place place, TagName tag) {
    supersede(place, tag);
    return kept.forgetTag(place, tag);
  }

  private void supersede(Place place, TagName tag) {
    String keys = tagKey(place, tag);
    underWay.forget(key -> key.startsWith(keys));
    negative.forget(keys);
  }

  private Sought sought(Target target, TagName tag, Accept accept) {
    Place place = target.place();
    return new Sought(
        tagKey(place, tag) + accept.variant() + accept.schema1(),
        place,
        () -> kept.byTag(place, tag, accept),
        rules.ttl(tag.name()),
        rules.ttl(tag.name()).plus(rules.maxStale()),
        (old, counts) -> refresh(target, tag, accept, old, counts),
        () -> kept.forgetTag(place, tag));
  }

  private CompletableFuture<Manifest> find(Sought sought) {
    return here(sought)
        .orElseGet(
            () ->
                underWay
                    // Looked for again: what others asked for may have come since.
                    .share(sought.key, counts -> here(sought).orElseGet(() -> ask(sought, counts)))
                    .exceptionallyCompose(error -> old(sought, ContentFailure.from(error))));
  }

  /** What can be said without asking. */
  private Optional<CompletableFuture<Manifest>> here(Sought sought) {
    Optional<ContentFailure> known = negative.find(sought.key);
    if (known.isPresent()) {
      return Optional.of(CompletableFuture.failedFuture(known.get()));
    }
    Optional<Kept> found = sought.kept.get();
    if (found.filter(one -> kept.isWithin(one, sought.fresh)).isPresent()) {
      return found.map(one -> CompletableFuture.completedFuture(one.manifest()));
    }
    return found
        .filter(one -> silent.recent(sought.place.upstream()) && kept.isWithin(one, sought.usable))
        .map(one -> CompletableFuture.completedFuture(one.manifest().as(From.STALE)));
  }

  private CompletableFuture<Manifest> ask(Sought sought, BooleanSupplier counts) {
    return sought
        .question
        .ask(sought.kept.get().map(Kept::manifest), counts)
        .whenComplete(
            (manifest, error) -> {
              if (error != null
                  && ContentFailure.from(error).isVerdict()
                  && counts.getAsBoolean()) {
                sought.forget.run();
                negative.put(sought.key, ContentFailure.from(error));
              }
            });
  }

  /** What serves although upstream did not give it. */
  private CompletableFuture<Manifest> old(Sought sought, ContentFailure failure) {
    return Optional.of(failure)
        .filter(why -> !why.isVerdict())
        .flatMap(why -> sought.kept.get())
        .filter(one -> kept.isWithin(one, sought.usable))
        .map(one -> CompletableFuture.completedFuture(one.manifest().as(From.STALE)))
        .orElseGet(() -> CompletableFuture.failedFuture(failure));
  }

  private CompletableFuture<Manifest> refresh(
      Target target, TagName tag, Accept accept, Optional<Manifest> old, BooleanSupplier counts) {
    Supplier<CompletableFuture<Manifest>> fetch =
        () ->
            questions
                .get(target, tag.name(), Optional.empty(), accept, old.isEmpty())
                .thenApplyAsync(
                    found -> keep(target.place(), tag, accept, found, counts), blocking);
    if (old.isEmpty()) {
      return fetch.get();
    }
    return questions
        .head(target, tag.name(), accept)
        .thenCompose(
            digest -> {
              if (!digest.equals(Optional.of(old.get().digest()))) {
                return fetch.get();
              }
              kept.noteLink(target.place(), old.get());
              note(target.place(), tag, accept, old.get(), counts);
              return CompletableFuture.completedFuture(old.get());
            });
  }

  private Manifest keep(Place place, Manifest found) {
    if (!Accept.isSchema1(found.mediaType()) && kept.store(found)) {
      kept.noteLink(place, found);
    }
    return found;
  }

  private Manifest keep(
      Place place, TagName tag, Accept accept, Manifest found, BooleanSupplier counts) {
    if (!Accept.isSchema1(found.mediaType()) && kept.store(found)) {
      kept.noteLink(place, found);
      note(place, tag, accept, found, counts);
    }
    return found;
  }

  private void note(
      Place place, TagName tag, Accept accept, Manifest found, BooleanSupplier counts) {
    if (counts.getAsBoolean()) {
      kept.noteTag(place, tag, accept, found);
    }
  }

  private static String tagKey(Place place, TagName tag) {
    return place + ":" + tag + "?";
  }
}
