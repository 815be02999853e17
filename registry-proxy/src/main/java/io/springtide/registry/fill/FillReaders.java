package io.springtide.registry.fill;

import io.springtide.registry.store.Draft;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who reads the file of a fill, the fill itself included, and hears of what is new in it. The last
 * one closes the file: it may be evicted, or never have been kept, and is still read to its end.
 */
final class FillReaders {
  private static final Logger log = LoggerFactory.getLogger(FillReaders.class);

  private final List<FillWatcher> watchers = new CopyOnWriteArrayList<>();

  // Guarded by this. The fill is the first reader.
  private int readers = 1;
  private Draft draft;

  synchronized void opened(Draft begun) {
    draft = begun;
  }

  /** The file, open until {@link #release}; empty if there is none yet, or none any more. */
  synchronized Optional<FileChannel> acquire(FillWatcher watcher) {
    if (readers == 0 || draft == null) {
      return Optional.empty();
    }
    readers++;
    watchers.add(watcher);
    return Optional.of(draft.file());
  }

  void release(FillWatcher watcher) {
    if (watchers.remove(watcher)) {
      leave();
    }
  }

  void fillIsOver() {
    leave();
  }

  private void leave() {
    Draft left;
    synchronized (this) {
      left = draft;
      if (--readers > 0 || left == null) {
        return;
      }
    }
    try {
      left.close();
    } catch (IOException e) {
      log.warn("cannot close the draft of {}: {}", left.digest(), e.toString());
    }
  }

  void tell() {
    watchers.forEach(FillWatcher::changed);
  }
}
