package io.springtide.registry.fill;

/**
 * Told, on any thread, that {@link Fill#available()} or the outcome changed. Must return at once.
 */
public interface FillWatcher {
  void changed();
}
