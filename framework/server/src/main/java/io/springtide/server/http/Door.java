package io.springtide.server.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Refuses requests of foreign web pages. Whoever reaches this API may start processes, and so may
 * every page in the browser of somebody who reaches it, unless three things are checked: {@code
 * Host} (a foreign name that DNS turns to our address makes a page one of ours), {@code Origin}
 * (which page asks), and the media type (a form sends without asking, but not JSON). See decision
 * 0102.
 */
public final class Door {
  private static final Pattern IP_V4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Set<String> DOCUMENTS =
      Set.of(
          "application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml");

  private final Set<String> names = new HashSet<>();
  private final boolean tls;
  private Set<String> machine;

  /**
   * @param names by which this server is reached, besides its addresses, localhost and the
   *     machine's own name
   * @param tls whether it is asked by TLS alone: then a page without has come from somebody on the
   *     way
   */
  public Door(Collection<String> names, boolean tls) {
    this.tls = tls;
    names.forEach(name -> this.names.add(plain(name)));
  }

  /**
   * Lets a request pass.
   *
   * @throws Problem if it comes from a page that is not ours, or could
   */
  void check(Context http) {
    boolean reads = http.method() == HandlerType.GET || http.method() == HandlerType.HEAD;
    if (reads && !http.path().startsWith("/v1")) {
      return;
    }
    String host = http.header("Host") == null ? "" : http.header("Host").trim();
    if (!isOurs(hostOf(host))) {
      throw new Problem(
          421,
          "Not a name of this server",
          "the request is for '" + RequestReader.cut(host) + "'",
          "Host",
          "use the server's address, or list the name under http.names in its configuration");
    }
    String origin = http.header("Origin");
    if (origin != null && !isOwnPage(origin.trim(), host)) {
      throw foreign(
          "the request comes from a page of '" + RequestReader.cut(origin) + "'", "Origin");
    }
    if (origin == null && isEmbedded(http, reads)) {
      throw foreign("the request comes from a page of another site", "Sec-Fetch-Site");
    }
    if (!reads && (http.method() != HandlerType.DELETE || hasBody(http))) {
      requireDocument(http.header("Content-Type"));
    }
  }

  private static Problem foreign(String detail, String field) {
    return new Problem(
        403,
        "Not for pages of other sites",
        detail,
        field,
        "ask from a page of this server, or list the page's name under http.names in its"
            + " configuration");
  }

  /** DNS rebinding needs a name: an address is always ours. */
  private boolean isOurs(String host) {
    return IP_V4.matcher(host).matches()
        || host.startsWith("[")
        || host.equals("localhost")
        || host.endsWith(".localhost")
        || names.contains(host)
        || machine().contains(host);
  }

  /** Looked up once, and only if somebody uses a name that nothing else explains. */
  private synchronized Set<String> machine() {
    if (machine == null) {
      machine = new HashSet<>();
      try {
        InetAddress local = InetAddress.getLocalHost();
        machine.add(plain(local.getHostName()));
        machine.add(plain(local.getCanonicalHostName()));
      } catch (UnknownHostException e) {
        // A machine that does not know its name is reached by address, or by what is configured.
      }
    }
    return machine;
  }

  private boolean isOwnPage(String origin, String host) {
    try {
      URI page = new URI(origin);
      if (page.getHost() == null || page.getUserInfo() != null || !page.getPath().isEmpty()) {
        return false;
      }
      if ((tls || !"http".equals(page.getScheme())) && !"https".equals(page.getScheme())) {
        return false;
      }
      int usual = page.getScheme().equals("https") ? 443 : 80;
      int port = page.getPort() < 0 ? usual : page.getPort();
      return names.contains(plain(page.getHost()))
          || (plain(page.getHost()).equals(hostOf(host)) && port == portOf(host, usual));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** What a browser says of a request that carries no origin, such as an image's. */
  private static boolean isEmbedded(Context http, boolean reads) {
    String site = http.header("Sec-Fetch-Site");
    if (site == null || site.equals("same-origin") || site.equals("none")) {
      return false;
    }
    return !reads || !"document".equals(http.header("Sec-Fetch-Dest"));
  }

  private static boolean hasBody(Context http) {
    return http.header("Transfer-Encoding") != null || http.req().getContentLengthLong() > 0;
  }

  private static void requireDocument(String header) {
    String type = header == null ? "" : header;
    String essence = type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    if (!DOCUMENTS.contains(essence)) {
      throw new Problem(
          415,
          "Media type not supported",
          type.isBlank() ? "no media type is said" : "the media type is '" + type + "'",
          "Content-Type",
          "say 'Content-Type: application/json' or 'application/yaml', also where there is no"
              + " body");
    }
  }

  /** Whether a body of this type is YAML. */
  static boolean isYaml(String type) {
    return type != null && type.split(";", 2)[0].toLowerCase(Locale.ROOT).contains("yaml");
  }

  private static String hostOf(String authority) {
    int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
    return plain(end <= 0 ? authority : authority.substring(0, end));
  }

  private static int portOf(String authority, int usual) {
    int colon = authority.lastIndexOf(':');
    String port = colon < authority.indexOf(']') ? "" : authority.substring(colon + 1);
    return colon >= 0 && port.matches("\\d{1,5}") ? Integer.parseInt(port) : usual;
  }

  private static String plain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
