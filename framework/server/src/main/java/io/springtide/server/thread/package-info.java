/** Threads that do not keep this process from ending. Depends on no other room. */
package io.springtide.server.thread;
