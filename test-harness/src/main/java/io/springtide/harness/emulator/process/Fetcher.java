package io.springtide.harness.emulator.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.CommandInfo;

/** Fetches the URIs of a command into a sandbox, those with {@code cache} only once per agent. */
final class Fetcher {

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
  private final Path cache;
  private final Map<String, Path> cached = new HashMap<>();

  Fetcher(Path cache) {
    this.cache = cache;
  }

  /**
   * Fetches everything that {@code command} names.
   *
   * @throws IOException when one of them cannot be had
   */
  void fetch(String agent, CommandInfo command, Path sandbox)
      throws IOException, InterruptedException {
    for (CommandInfo.URI uri : command.getUrisList()) {
      String name = uri.hasOutputFile() ? uri.getOutputFile() : basename(uri.getValue());
      Path target = sandbox.resolve(name).normalize();
      if (!target.startsWith(sandbox) || target.equals(sandbox)) {
        throw new IOException("the file '" + name + "' would be outside of the sandbox");
      }
      Files.createDirectories(target.getParent());
      if (uri.getCache()) {
        Files.copy(cached(agent, uri.getValue()), target, StandardCopyOption.REPLACE_EXISTING);
      } else {
        download(uri.getValue(), target);
      }
      if (uri.getExecutable()) {
        Set<PosixFilePermission> modes = Files.getPosixFilePermissions(target);
        modes.add(PosixFilePermission.OWNER_EXECUTE);
        modes.add(PosixFilePermission.GROUP_EXECUTE);
        modes.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(target, modes);
      }
    }
  }

  private static String basename(String uri) {
    String path = uri.contains("?") ? uri.substring(0, uri.indexOf('?')) : uri;
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private synchronized Path cached(String agent, String uri)
      throws IOException, InterruptedException {
    String key = agent + " " + uri;
    Path there = cached.get(key);
    if (there != null && Files.exists(there)) {
      return there;
    }
    Path dir = Files.createDirectories(cache.resolve(agent));
    Path file = dir.resolve("c" + cached.size() + "-" + basename(uri));
    download(uri, file);
    cached.put(key, file);
    return file;
  }

  /** The path of a URI that names a file of this machine. */
  static Optional<Path> local(String uri) {
    if (uri.startsWith("file://")) {
      return Optional.of(Path.of(uri.substring("file://".length())));
    }
    return uri.startsWith("/") ? Optional.of(Path.of(uri)) : Optional.empty();
  }

  private void download(String uri, Path target) throws IOException, InterruptedException {
    Optional<Path> local = local(uri);
    if (local.isPresent()) {
      Files.copy(local.get(), target, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    HttpRequest request;
    try {
      request = HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofMinutes(1)).build();
    } catch (IllegalArgumentException e) {
      throw new IOException("cannot fetch '" + uri + "': " + e.getMessage(), e);
    }
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw new IOException("'" + uri + "' answered " + response.statusCode());
      }
      Files.copy(body, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
