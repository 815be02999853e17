/** Time and order: the one thread that owns the executor's state. */
package io.springtide.executor.loop;
