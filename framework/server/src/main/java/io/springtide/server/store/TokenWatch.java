package io.springtide.server.store;

import io.springtide.server.access.FollowedTokens;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheBridge;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;

/** Tells a process that does not lead of the tokens, as {@link TokenShelf} keeps them. */
public final class TokenWatch implements AutoCloseable {
  private final CuratorCacheBridge watch;

  private TokenWatch(CuratorCacheBridge watch) {
    this.watch = watch;
  }

  /** All documents by name. */
  public static Map<String, byte[]> all(CuratorFramework curator) {
    return Curated.get("read the tokens", () -> new Reading(curator).below(TokenShelf.ROOT));
  }

  /** Tells them of all that there are, and from then on of each change. */
  public static TokenWatch start(CuratorFramework curator, FollowedTokens told) {
    CuratorCacheBridge watch = CuratorCache.bridgeBuilder(curator, TokenShelf.ROOT).build();
    watch
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreates(now -> put(now, told))
                .forChanges((before, now) -> put(now, told))
                .forDeletes(before -> told.remove(name(before)))
                .build());
    watch.start();
    return new TokenWatch(watch);
  }

  private static void put(ChildData token, FollowedTokens told) {
    if (!name(token).isEmpty()) {
      told.put(name(token), token.getData());
    }
  }

  /** Empty: it is what all of them are below. */
  private static String name(ChildData token) {
    return token.getPath().substring(TokenShelf.ROOT.length()).replace("/", "");
  }

  @Override
  public void close() {
    watch.close();
  }
}
