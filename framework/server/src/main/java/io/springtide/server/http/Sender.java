package io.springtide.server.http;

import io.javalin.http.Context;
import io.springtide.server.access.Peers;
import java.net.http.HttpRequest;

/** From where a request comes, also where another server of the cluster has passed it on. */
final class Sender {
  private static final String FROM = "Springtide-From";
  private static final String SIGNATURE = "Springtide-Signature";

  private Sender() {}

  /**
   * The address.
   *
   * @param peers null: none are known, and nobody's word is taken
   */
  static String of(Context http, Peers peers) {
    String from = http.header(FROM);
    String signature = http.header(SIGNATURE);
    return peers != null
            && from != null
            && signature != null
            && peers.isSigned(from, request(http), signature)
        ? from
        : http.ip();
  }

  /** Says from where it was asked, in what is passed on. */
  static void say(Context asked, Peers peers, HttpRequest.Builder request) {
    request.header(FROM, asked.ip());
    request.header(SIGNATURE, peers.sign(asked.ip(), request(asked)));
  }

  private static String request(Context http) {
    String query = http.queryString() == null ? "" : "?" + http.queryString();
    String authorised = http.header("Authorization") == null ? "" : http.header("Authorization");
    return http.method() + " " + http.req().getRequestURI() + query + "\n" + authorised;
  }
}
