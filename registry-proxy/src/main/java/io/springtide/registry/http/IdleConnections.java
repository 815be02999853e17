package io.springtide.registry.http;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Connections that wait for their next request, the last used first. Thread-safe. */
final class IdleConnections {
  private static final int MAX_PER_ORIGIN = 16;

  private final Map<ServerAddress, Deque<Channel>> idle = new ConcurrentHashMap<>();

  /** One that is still open, which is the caller's from now on. */
  Optional<Channel> take(ServerAddress origin) {
    Deque<Channel> channels = idle.get(origin);
    if (channels == null) {
      return Optional.empty();
    }
    synchronized (channels) {
      for (Channel channel = channels.pollLast(); channel != null; channel = channels.pollLast()) {
        if (channel.isActive()) {
          return Optional.of(channel);
        }
      }
    }
    return Optional.empty();
  }

  /** Its request is over; it is closed if enough others wait. */
  void keep(ServerAddress origin, Channel channel) {
    Deque<Channel> channels = idle.computeIfAbsent(origin, o -> new ArrayDeque<>());
    synchronized (channels) {
      if (channels.size() < MAX_PER_ORIGIN) {
        channels.addLast(channel);
        return;
      }
    }
    channel.close();
  }

  /** It is not to be taken any more: it closes. */
  void forget(ServerAddress origin, Channel channel) {
    Deque<Channel> channels = idle.get(origin);
    if (channels != null) {
      synchronized (channels) {
        channels.remove(channel);
      }
    }
  }
}
