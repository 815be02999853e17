/** What the tests of all modules share: how long they wait, and servers that they write by hand. */
package io.springtide.testing;
