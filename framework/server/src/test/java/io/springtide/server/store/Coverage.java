package io.springtide.server.store;

import io.springtide.scheduler.state.Change;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What of the durable records a list of changes does not show. */
final class Coverage {
  private final Map<String, Set<Object>> values = new TreeMap<>();
  private final Map<Class<?>, Set<Object>> constants = new TreeMap<>(byName());
  private final Map<Class<?>, Set<Class<?>>> kinds = new TreeMap<>(byName());

  private Coverage() {}

  /**
   * Components of records that never hold anything but nothing (0, false, an empty text or list),
   * or always the same truth; constants of their enums, and kinds of their sealed types, that do
   * not occur.
   */
  static List<String> lacks(List<Change> changes) {
    Coverage coverage = new Coverage();
    coverage.kinds.put(Change.class, new HashSet<>());
    changes.forEach(coverage::visit);
    List<String> lacks = new ArrayList<>();
    coverage.values.forEach(
        (component, seen) -> {
          seen.removeAll(Set.of("", "0", "false", "[]", "{}", "Optional.empty", "PT0S"));
          seen.remove("OptionalLong.empty");
          if (seen.isEmpty()) {
            lacks.add(component + " says nothing");
          }
        });
    coverage.constants.forEach(
        (type, seen) -> {
          for (Object constant : type.getEnumConstants()) {
            if (!seen.contains(constant)) {
              lacks.add(type.getSimpleName() + "." + constant + " does not occur");
            }
          }
        });
    coverage.kinds.forEach(
        (type, seen) -> {
          for (Class<?> kind : type.getPermittedSubclasses()) {
            if (!seen.contains(kind)) {
              lacks.add(type.getSimpleName() + "." + kind.getSimpleName() + " does not occur");
            }
          }
        });
    return lacks;
  }

  private void visit(Object value) {
    if (value instanceof Collection<?> all) {
      all.forEach(this::visit);
    } else if (value instanceof Map<?, ?> map) {
      visit(map.values());
    } else if (value instanceof Optional<?> maybe) {
      maybe.ifPresent(this::visit);
    } else if (value instanceof Enum<?> constant) {
      constants.computeIfAbsent(constant.getDeclaringClass(), type -> new HashSet<>()).add(value);
    } else if (value instanceof Record) {
      for (Class<?> type : value.getClass().getInterfaces()) {
        if (type.isSealed()) {
          kinds.computeIfAbsent(type, any -> new HashSet<>()).add(value.getClass());
        }
      }
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        Object held = held(value, component);
        values
            .computeIfAbsent(
                value.getClass().getSimpleName() + "." + component.getName(),
                name -> new TreeSet<>())
            .add(String.valueOf(held));
        visit(held);
      }
    } else if (!(value instanceof OptionalLong || value instanceof String)
        && !value.getClass().getName().startsWith("java.")) {
      throw new IllegalStateException("what is a " + value.getClass() + "?");
    }
  }

  private static Object held(Object value, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static Comparator<Class<?>> byName() {
    return Comparator.comparing(Class::getName);
  }
}
