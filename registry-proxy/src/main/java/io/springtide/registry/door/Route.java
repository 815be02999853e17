package io.springtide.registry.door;

import io.springtide.registry.store.Digest;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.store.TagName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a path asks for. It yields checked names only, so that no path leads outside the store. */
sealed interface Route {
  /** Shows itself to the visitor. */
  void accept(Visitor visitor);

  /** Whether anybody may ask for it, without a login and without limits: unless it says so, no. */
  default boolean isOpen() {
    return false;
  }

  /** Whoever must know every route. */
  interface Visitor {
    void on(Base route);

    void on(BlobRoute route);

    void on(ManifestByDigest route);

    void on(ManifestByTag route);

    void on(Listing route);

    void on(Metrics route);

    void on(Health route);

    void on(Admin route);

    void on(SwarmHosts route);

    void on(SwarmBlob route);

    void on(Unknown route);
  }

  /** {@code GET /v2/}: does this server speak the protocol. */
  record Base() implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record BlobRoute(RepoName name, Digest digest) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record ManifestByDigest(RepoName name, Digest digest) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record ManifestByTag(RepoName name, TagName tag) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /**
   * {@code tags/list} and {@code referrers/<digest>}: handed on. {@code rest} starts after the
   * name.
   */
  record Listing(RepoName name, String rest) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record Metrics() implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }

    @Override
    public boolean isOpen() {
      return true;
    }
  }

  record Health() implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }

    @Override
    public boolean isOpen() {
      return true;
    }
  }

  /** {@code /admin/<action>}. */
  record Admin(String action) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }

    @Override
    public boolean isOpen() {
      return true;
    }
  }

  /** {@code /swarm/hosts}: a peer says that it is there. */
  record SwarmHosts() implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** {@code /swarm/<announce|piece>/<name>/<digest>}: a peer wants a blob, or pieces of it. */
  record SwarmBlob(String action, RepoName name, Digest digest) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** Not ours; {@code code} is the error code of the distribution specification. */
  record Unknown(int status, String code, String message) implements Route {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  Pattern V2 = Pattern.compile("/v2/(.+)/(manifests|blobs|referrers)/([^/]+)");
  Pattern SWARM = Pattern.compile("/swarm/(announce|piece)/(.+)/([^/]+)");
  Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");

  /**
   * The route of a path that is not decoded any further: nothing in this protocol needs percent
   * signs in its path.
   */
  static Route of(String path) {
    return switch (path) {
      case "/v2", "/v2/" -> new Base();
      case "/metrics" -> new Metrics();
      case "/healthz" -> new Health();
      case "/swarm/hosts" -> new SwarmHosts();
      default ->
          path.startsWith("/admin/")
              ? new Admin(path.substring("/admin/".length()))
              : repository(path);
    };
  }

  private static Route repository(String path) {
    Matcher swarm = SWARM.matcher(path);
    if (swarm.matches()) {
      Optional<RepoName> repository = RepoName.parse(swarm.group(2));
      Optional<Digest> digest = Digest.parse(swarm.group(3));
      if (repository.isEmpty()) {
        return badName();
      }
      return digest
          .<Route>map(d -> new SwarmBlob(swarm.group(1), repository.get(), d))
          .orElseGet(Route::badDigest);
    }
    Matcher tags = TAGS.matcher(path);
    if (tags.matches()) {
      return RepoName.parse(tags.group(1))
          .<Route>map(name -> new Listing(name, "/tags/list"))
          .orElseGet(Route::badName);
    }
    Matcher content = V2.matcher(path);
    if (!content.matches()) {
      return new Unknown(404, "UNSUPPORTED", "there is nothing at this path");
    }
    Optional<RepoName> name = RepoName.parse(content.group(1));
    return name.isEmpty() ? badName() : content(name.get(), content.group(2), content.group(3));
  }

  private static Route content(RepoName name, String kind, String reference) {
    Optional<Digest> digest = Digest.parse(reference);
    Unknown badDigest = badDigest();
    return switch (kind) {
      case "blobs" -> digest.<Route>map(d -> new BlobRoute(name, d)).orElse(badDigest);
      case "referrers" ->
          digest.<Route>map(d -> new Listing(name, "/referrers/" + d)).orElse(badDigest);
      default -> {
        if (digest.isPresent()) {
          yield new ManifestByDigest(name, digest.get());
        }
        if (reference.indexOf(':') >= 0) {
          yield badDigest;
        }
        yield TagName.parse(reference)
            .<Route>map(tag -> new ManifestByTag(name, tag))
            .orElseGet(() -> new Unknown(400, "MANIFEST_INVALID", "not a tag"));
      }
    };
  }

  private static Unknown badDigest() {
    return new Unknown(400, "DIGEST_INVALID", "a digest is sha256:<64 hex> or sha512:<128 hex>");
  }

  private static Route badName() {
    return new Unknown(400, "NAME_INVALID", "not a repository name");
  }
}
