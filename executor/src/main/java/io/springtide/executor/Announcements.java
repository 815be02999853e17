package io.springtide.executor;

import io.springtide.executor.discovery.Announcement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What discovery says of one task, in all its directories. On the loop's thread. */
final class Announcements {
  private final Equipment equipment;
  private final ThisHost host;
  private final TaskSetup setup;
  private final List<Announcement> entries = new ArrayList<>();
  private boolean made;

  Announcements(Equipment equipment, ThisHost host, TaskSetup setup) {
    this.equipment = equipment;
    this.host = host;
    this.setup = setup;
  }

  /** Whether nobody is sent to it. */
  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Announces it, or sets it passing again. */
  void passing(Optional<String> ownAddress) {
    if (!made) {
      made = true;
      setup
          .endpoints(host, ownAddress)
          .forEach(
              endpoint -> entries.addAll(equipment.announce(setup.document().consul(), endpoint)));
    }
    entries.forEach(Announcement::passing);
  }

  /** Sets it critical. */
  void failing(String why) {
    entries.forEach(entry -> entry.failing(why));
  }

  /** Takes it out for good, see {@link Announcement#withdraw}. Never fails. */
  CompletableFuture<Void> withdraw() {
    return CompletableFuture.allOf(
        entries.stream()
            .map(entry -> entry.withdraw().toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }
}
