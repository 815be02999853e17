package io.springtide.harness.emulator;

import io.springtide.harness.emulator.time.Loop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The connection between one agent process and a master: each message arrives later, in order, on
 * the loop; while the agent is paused (SIGSTOP) messages wait on both sides.
 */
final class Link {

  private final Loop loop;
  private final Deque<Runnable> held = new ArrayDeque<>();
  private boolean paused;

  Link(Loop loop) {
    this.loop = loop;
  }

  /** The other side's {@code peer} as this side sees it: the same, but asynchronous. */
  <T> T to(Class<T> type, T peer) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getDeclaringClass() == Object.class) {
                return method.invoke(peer, arguments);
              }
              send(
                  () -> {
                    try {
                      method.invoke(peer, arguments);
                    } catch (IllegalAccessException e) {
                      throw new IllegalStateException(e);
                    } catch (InvocationTargetException e) {
                      throw new IllegalStateException(method.getName(), e.getCause());
                    }
                  });
              return null;
            });
    return type.cast(proxy);
  }

  private void send(Runnable message) {
    loop.execute(
        () -> {
          if (paused) {
            held.add(message);
          } else {
            message.run();
          }
        });
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    while (!held.isEmpty() && !paused) {
      held.poll().run();
    }
  }
}
