package io.springtide.harness.bench.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A real image in a registry, which clients can unpack: layers of one file of noise each.
 *
 * @param diffIds digests of the layers as they are unpacked, the lowest first
 * @param bigLayerBytes of the biggest layer, as it is in the registry
 */
record LayeredImage(TestImage pushed, List<String> diffIds, long bigLayerBytes) {
  /** The first layer is the big one, where faults strike; more than a MiB. */
  private static final int[] SIZES = {1_500_000, 200_000, 30_000};

  /** Other noise on each call with the same {@code random}. */
  static LayeredImage push(String url, String repository, String tag, Random random)
      throws IOException, InterruptedException {
    List<byte[]> layers = new ArrayList<>();
    List<String> diffIds = new ArrayList<>();
    for (int i = 0; i < SIZES.length; i++) {
      byte[] noise = new byte[SIZES[i]];
      random.nextBytes(noise);
      byte[] tar = tar("layer" + i, noise);
      diffIds.add(digest(tar));
      layers.add(gzip(tar));
    }
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},"
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
            + diffIds.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(","))
            + "]}}";
    TestImage pushed =
        TestImage.push(url, repository, tag, config.getBytes(UTF_8), layers.size(), layers::get);
    return new LayeredImage(pushed, List.copyOf(diffIds), layers.get(0).length);
  }

  String repository() {
    return pushed.repository();
  }

  String tag() {
    return pushed.tag();
  }

  /** {@code repository:tag}, without a registry. */
  String name() {
    return pushed.repository() + ":" + pushed.tag();
  }

  /** The digest of its config, by which dockerd knows it. */
  String id() {
    return pushed.blobs().get(0);
  }

  /** Of config and layers, as they are in the registry. */
  List<String> blobs() {
    return pushed.blobs();
  }

  /** Where the registry has the biggest layer. */
  String bigLayerPath() {
    return "/v2/" + repository() + "/blobs/" + blobs().get(1);
  }

  String tagPath() {
    return "/v2/" + repository() + "/manifests/" + pushed.tag();
  }

  static String digest(byte[] bytes) {
    MessageDigest hash = TestImage.sha256();
    return "sha256:" + HexFormat.of().formatHex(hash.digest(bytes));
  }

  private static byte[] tar(String file, byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry entry = new TarArchiveEntry(file);
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
