/** One event's turn: what is changed in it, and the books that follow the changes. */
package io.springtide.scheduler.turn;
