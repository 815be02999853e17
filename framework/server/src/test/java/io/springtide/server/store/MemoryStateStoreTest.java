package io.springtide.server.store;

import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.scheduler.state.StateStore;

class MemoryStateStoreTest extends StateStoreContract {
  private final MemoryStateStore store = new MemoryStateStore();

  @Override
  StateStore open() {
    return store;
  }
}
