package io.springtide.server.access;

import java.util.List;

/** Where a server writes down what was changed: the lines that commits carry, and its own. */
public interface Trail {
  /** Writes nothing down. */
  Trail NONE =
      new Trail() {
        @Override
        public void follow(String state) {}

        @Override
        public long version() {
          return Long.MAX_VALUE;
        }

        @Override
        public void replicated(long version, List<String> lines) {}

        @Override
        public void changed(String line) {}
      };

  /**
   * Says of which state the commits are that come from now on: versions of another say nothing.
   *
   * @param state names it
   */
  void follow(String state);

  /** The last commit whose lines are here, and those of all before it. */
  long version();

  /**
   * Writes down what a commit carries, once it is durable; what is here already is not written
   * again, also after a restart.
   *
   * @param version of the commit; of several in their order
   */
  void replicated(long version, List<String> lines);

  /** Writes down what no commit carries. */
  void changed(String line);
}
