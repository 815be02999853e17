package io.springtide.server.access;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Tokens that outlive who knows them, but not this process. */
public final class MemoryShelf implements Access.Shelf {
  private final Map<String, byte[]> documents = new ConcurrentHashMap<>();
  int writes;

  @Override
  public Map<String, byte[]> all() {
    return documents;
  }

  @Override
  public void put(String name, byte[] document) {
    writes++;
    documents.put(name, document);
  }

  @Override
  public void remove(String name) {
    documents.remove(name);
  }
}
