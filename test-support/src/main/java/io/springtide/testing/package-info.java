/** What the tests of all modules share: how long they wait. */
package io.springtide.testing;
