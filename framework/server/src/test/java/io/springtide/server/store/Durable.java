package io.springtide.server.store;

import io.springtide.scheduler.state.Change;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.SortedMap;
import java.util.TreeMap;

/** The records that are stored. */
final class Durable {
  private Durable() {}

  /** Where a record stands in another: {@code <record>.<component>}, and its name. */
  static SortedMap<String, String> records() {
    SortedMap<String, String> found = new TreeMap<>();
    for (Class<?> change : Change.class.getPermittedSubclasses()) {
      visit(change, found);
    }
    return found;
  }

  private static void visit(Class<?> record, SortedMap<String, String> found) {
    for (RecordComponent component : record.getRecordComponents()) {
      Class<?> type = inner(component.getGenericType());
      String place = record.getSimpleName() + "." + component.getName();
      if ((type.isRecord() || type.isSealed()) && found.put(place, type.getSimpleName()) == null) {
        for (Class<?> each :
            type.isSealed() ? type.getPermittedSubclasses() : new Class<?>[] {type}) {
          visit(each, found);
        }
      }
    }
  }

  /** What a list, an optional or a map holds. */
  private static Class<?> inner(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      return inner(arguments[arguments.length - 1]);
    }
    return (Class<?>) type;
  }
}
