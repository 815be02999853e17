package io.springtide.scheduler.view;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * An immutable list of things that have numbers, in order of them; numbers may be missing. Another
 * with some things changed costs what has changed, not what there is: it shares the pages in which
 * nothing has.
 */
public final class Numbered<T> extends AbstractList<T> {
  private static final int PAGE = 64;

  /** By number divided by {@link #PAGE}, then by the rest; null where there is nothing. */
  private final Object[][] pages;

  private final int size;

  private Numbered(Object[][] pages, int size) {
    this.pages = pages;
    this.size = size;
  }

  /** Nothing. */
  public static <T> Numbered<T> none() {
    return new Numbered<>(new Object[0][], 0);
  }

  /**
   * The same list but for some things.
   *
   * @param changes what is there by now, by number, 0 or more; empty: nothing
   */
  public Numbered<T> with(Map<Integer, Optional<T>> changes) {
    int last = changes.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    Object[][] next = Arrays.copyOf(pages, Math.max(pages.length, last / PAGE + 1));
    int count = size;
    for (Map.Entry<Integer, Optional<T>> change : changes.entrySet()) {
      int page = change.getKey() / PAGE;
      Object[] old = page < pages.length ? pages[page] : null;
      if (next[page] == null) {
        next[page] = new Object[PAGE];
      } else if (next[page] == old) {
        next[page] = old.clone();
      }
      int slot = change.getKey() % PAGE;
      count -= next[page][slot] == null ? 0 : 1;
      next[page][slot] = change.getValue().orElse(null);
      count += next[page][slot] == null ? 0 : 1;
    }
    return new Numbered<>(next, count);
  }

  /** What has that number. */
  @SuppressWarnings("unchecked") // Only what is a T was put there.
  public Optional<T> numbered(int number) {
    int page = number / PAGE;
    return number < 0 || page >= pages.length || pages[page] == null
        ? Optional.empty()
        : Optional.ofNullable((T) pages[page][number % PAGE]);
  }

  /** Those with that number and higher ones, in order. */
  public Stream<T> from(int number) {
    Iterator<T> rest = iterator(Math.max(0, number));
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(rest, Spliterator.ORDERED), false);
  }

  @Override
  public T get(int position) {
    Objects.checkIndex(position, size);
    Iterator<T> all = iterator();
    for (int i = 0; i < position; i++) {
      all.next();
    }
    return all.next();
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Iterator<T> iterator() {
    return iterator(0);
  }

  private Iterator<T> iterator(int first) {
    return new Iterator<>() {
      private int page = first / PAGE;
      private int slot = first % PAGE;

      @Override
      public boolean hasNext() {
        while (page < pages.length) {
          if (pages[page] != null) {
            for (; slot < PAGE; slot++) {
              if (pages[page][slot] != null) {
                return true;
              }
            }
          }
          page++;
          slot = 0;
        }
        return false;
      }

      @Override
      @SuppressWarnings("unchecked")
      public T next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return (T) pages[page][slot++];
      }
    };
  }
}
