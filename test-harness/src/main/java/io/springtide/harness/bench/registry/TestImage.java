package io.springtide.harness.bench.registry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** An image of random bytes in a registry: one config, some layers, one manifest under one tag. */
record TestImage(String repository, String tag, List<String> blobs, long bytes) {
  private static final String CONFIG_TYPE = "application/vnd.docker.container.image.v1+json";
  private static final String LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  static final String MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json";

  /**
   * Pushes {@code layers} layers of {@code bytes / layers} bytes each; the same {@code seed} gives
   * the same image.
   */
  static TestImage push(
      String url, String repository, String tag, long bytes, int layers, long seed)
      throws IOException, InterruptedException {
    byte[] layer = new byte[Math.toIntExact(bytes / layers)];
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);
    return push(
        url,
        repository,
        tag,
        config,
        layers,
        i -> {
          new Random(seed + i).nextBytes(layer);
          return layer;
        });
  }

  /**
   * Pushes an image of this config and these layers, which nobody looks into.
   *
   * @param layer the bytes of the layer of a number, from 0; not used any more when the next is
   *     asked for
   */
  static TestImage push(
      String url,
      String repository,
      String tag,
      byte[] config,
      int layers,
      IntFunction<byte[]> layer)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    List<String> digests = new ArrayList<>();
    String configDigest = upload(client, url, repository, config);
    digests.add(configDigest);
    StringBuilder entries = new StringBuilder();
    long bytes = config.length;
    for (int i = 0; i < layers; i++) {
      byte[] content = layer.apply(i);
      String digest = upload(client, url, repository, content);
      entries.append(i == 0 ? "" : ",");
      entries.append(descriptor(LAYER_TYPE, digest, content.length));
      digests.add(digest);
      bytes += content.length;
    }
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MANIFEST_TYPE
            + "\",\"config\":"
            + descriptor(CONFIG_TYPE, configDigest, config.length)
            + ",\"layers\":["
            + entries
            + "]}";
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(url + "/v2/" + repository + "/manifests/" + tag))
            .header("Content-Type", MANIFEST_TYPE)
            .PUT(BodyPublishers.ofString(manifest))
            .build();
    expect(201, client.send(put, BodyHandlers.ofString()));
    return new TestImage(repository, tag, List.copyOf(digests), bytes);
  }

  private static String upload(HttpClient client, String url, String repository, byte[] bytes)
      throws IOException, InterruptedException {
    String digest = "sha256:" + HexFormat.of().formatHex(sha256().digest(bytes));
    HttpRequest begin =
        HttpRequest.newBuilder(URI.create(url + "/v2/" + repository + "/blobs/uploads/"))
            .POST(BodyPublishers.noBody())
            .build();
    HttpResponse<String> begun = expect(202, client.send(begin, BodyHandlers.ofString()));
    String location = begun.headers().firstValue("Location").orElseThrow();
    URI target =
        URI.create(url)
            .resolve(location + (location.indexOf('?') < 0 ? "?" : "&") + "digest=" + digest);
    HttpRequest put =
        HttpRequest.newBuilder(target)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(bytes))
            .build();
    expect(201, client.send(put, BodyHandlers.ofString()));
    return digest;
  }

  private static HttpResponse<String> expect(int status, HttpResponse<String> response)
      throws IOException {
    if (response.statusCode() != status) {
      throw new IOException(
          "push: "
              + response.request().uri()
              + " answered "
              + response.statusCode()
              + ": "
              + response.body());
    }
    return response;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static String descriptor(String type, String digest, int size) {
    return "{\"mediaType\":\"" + type + "\",\"size\":" + size + ",\"digest\":\"" + digest + "\"}";
  }
}
