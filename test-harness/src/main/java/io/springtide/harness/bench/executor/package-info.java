/** What an executor costs while nothing happens. */
package io.springtide.harness.bench.executor;
