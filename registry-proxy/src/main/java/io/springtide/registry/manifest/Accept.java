package io.springtide.registry.manifest;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The manifest types that a client can read. A registry may answer a tag with one manifest or
 * another depending on them, so an answer that was asked for under one set is not served under
 * another; but one that was asked for under all is what a client gets that can read it.
 */
public record Accept(Set<Type> types, List<String> schema1) {
  enum Type {
    DOCKER_MANIFEST(1, "application/vnd.docker.distribution.manifest.v2+json"),
    DOCKER_LIST(2, "application/vnd.docker.distribution.manifest.list.v2+json"),
    OCI_MANIFEST(4, "application/vnd.oci.image.manifest.v1+json"),
    OCI_INDEX(8, "application/vnd.oci.image.index.v1+json");

    /** Names the type on disk: never to be changed. */
    private final int bit;

    private final String mediaType;

    Type(int bit, String mediaType) {
      this.bit = bit;
      this.mediaType = mediaType;
    }

    public static Optional<Type> of(String mediaType) {
      for (Type type : values()) {
        if (type.mediaType.equals(mediaType)) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }
  }

  /** Everything that we keep. */
  public static final Accept ALL = new Accept(EnumSet.allOf(Type.class), List.of());

  /** From a request's Accept headers; no header, or a wildcard, means everything. */
  public static Accept of(List<String> headers) {
    Set<Type> types = EnumSet.noneOf(Type.class);
    List<String> schema1 = new ArrayList<>();
    for (String header : headers) {
      for (String item : header.split(",", -1)) {
        String mediaType = withoutParameters(item);
        if (mediaType.equals("*/*") || mediaType.equals("application/*")) {
          return ALL;
        }
        Type.of(mediaType).ifPresent(types::add);
        if (isSchema1(mediaType)) {
          schema1.add(mediaType);
        }
      }
    }
    return types.isEmpty() && schema1.isEmpty() ? ALL : new Accept(types, List.copyOf(schema1));
  }

  static String withoutParameters(String mediaType) {
    int semicolon = mediaType.indexOf(';');
    return (semicolon < 0 ? mediaType : mediaType.substring(0, semicolon))
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  /** The old signed manifests: their bytes depend on the answer, so they are never stored. */
  static boolean isSchema1(String mediaType) {
    return mediaType.startsWith("application/vnd.docker.distribution.manifest.v1+");
  }

  /** Whether the client can read a manifest of that type. */
  boolean reads(String mediaType) {
    return Type.of(mediaType).filter(types::contains).isPresent();
  }

  /** Names the set, as a file name: one bit a type. */
  String variant() {
    int bits = 0;
    for (Type type : types) {
      bits |= type.bit;
    }
    return Integer.toString(bits);
  }

  /** For the request upstream. */
  List<String> headers() {
    List<String> all = new ArrayList<>();
    types.forEach(type -> all.add(type.mediaType));
    all.addAll(schema1);
    return all;
  }
}
