/**
 * The framework's state on ZooKeeper: an ordered commit log, cut by snapshots in chunks, fenced by
 * one version check per commit. Where no ZooKeeper is given, an embedded one keeps the same tree in
 * a directory.
 */
package io.springtide.server.store;
