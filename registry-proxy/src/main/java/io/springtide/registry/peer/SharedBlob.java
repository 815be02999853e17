package io.springtide.registry.peer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Download;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.PieceHashes;

/**
 * A blob that a swarm brings: its pieces and their hashes, which of them are here, which neighbours
 * have some, and the proxy's admission. Lives on the fetch's loop.
 */
final class SharedBlob {
  final String repository;
  final Digest digest;
  final Pieces pieces;
  final PieceHashes hashes;
  final Download download;
  final Neighbours neighbours;
  private String admission = "";

  SharedBlob(String repository, Digest digest, Pieces pieces, Download download) {
    this.repository = repository;
    this.digest = digest;
    this.pieces = pieces;
    this.hashes = new PieceHashes(pieces);
    this.download = download;
    this.neighbours = new Neighbours(download, pieces.count());
  }

  /** The proxy's admission, shown to other peers. */
  void admitted(String word) {
    admission = word;
  }

  /** Headers of requests to other peers: the admission. */
  HttpHeaders leave() {
    return new DefaultHttpHeaders().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + admission);
  }
}
