package io.springtide.mesos;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks host names up on a thread of its own. The JDK's look-up blocks, for many seconds where a
 * name server does not answer, and heartbeats and answers must be read meanwhile. The thread lives
 * only while it is needed.
 */
final class HostLookups extends AddressResolverGroup<InetSocketAddress> {

  /** What the JDK, or a test, knows of a name. */
  @FunctionalInterface
  interface Lookup {
    /**
     * The addresses of a host, at least one.
     *
     * @throws UnknownHostException if it has none
     */
    InetAddress[] of(String host) throws UnknownHostException;
  }

  private final Lookup lookup;
  private final ThreadPoolExecutor thread;

  HostLookups(String name, Lookup lookup) {
    this.lookup = lookup;
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread looks = new Thread(task, name);
              looks.setDaemon(true);
              return looks;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new InetNameResolver(executor) {
      @Override
      protected void doResolve(String host, Promise<InetAddress> found) {
        inBackground(host, found, all -> found.trySuccess(all[0]));
      }

      @Override
      protected void doResolveAll(String host, Promise<List<InetAddress>> found) {
        inBackground(host, found, all -> found.trySuccess(List.of(all)));
      }
    }.asAddressResolver();
  }

  @FunctionalInterface
  private interface Found {
    void are(InetAddress[] all);
  }

  private void inBackground(String host, Promise<?> promise, Found found) {
    try {
      thread.execute(
          () -> {
            try {
              found.are(lookup.of(host));
            } catch (UnknownHostException e) {
              promise.tryFailure(e);
            }
          });
    } catch (RejectedExecutionException closed) {
      promise.tryFailure(closed);
    }
  }

  /** Forgets look-ups under way; a thread that is stuck in one ends with it. */
  @Override
  public void close() {
    thread.shutdownNow();
    super.close();
  }
}
