package io.springtide.registry.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * What each repository of each upstream shows: links (this digest may be read here, confirmed by
 * the upstream at that time) and tags (this name meant that digest at that time). A digest alone is
 * no right to read: bytes are shared between repositories, links are not.
 *
 * <p>Small files under {@code repos/<upstream>/<repository>/_links} and {@code _tags}, replaced by
 * rename. They are not forced to disk: one that is lost costs a request upstream, no more. Names
 * are checked by the callers' {@link RepoName}.
 */
public final class Catalog {
  /** A repository of an upstream. */
  public record Place(String upstream, RepoName repository) {
    @Override
    public String toString() {
      return upstream + "/" + repository;
    }
  }

  /** Confirmed at {@code checked}; {@code mediaType} is empty for a blob. */
  public record Link(String mediaType, Instant checked) {}

  /** What the tag meant when asked with one set of accepted media types. */
  public record Tag(Digest digest, String mediaType, Instant checked) {}

  private final Path root;
  private final Clock clock;
  private final Instant began;
  private final AtomicLong temporaries = new AtomicLong();

  /** Held for writing while a directory is taken away: nobody writes into it in that moment. */
  private final ReadWriteLock directories = new ReentrantReadWriteLock();

  /**
   * @param clock one that does not jump; what earlier processes confirmed after its time, by a wall
   *     clock that has been set back since, counts as confirmed now
   */
  public Catalog(Path root, Clock clock) throws IOException {
    this.root = root.resolve("repos");
    this.clock = clock;
    this.began = clock.instant();
    Files.createDirectories(this.root);
  }

  public Optional<Link> link(Place place, Digest digest) throws IOException {
    return read(linkFile(place, digest))
        .filter(lines -> lines.length == 2)
        .map(l -> new Link(l[1], time(l[0])));
  }

  public void putLink(Place place, Digest digest, Link link) throws IOException {
    write(linkFile(place, digest), link.checked().toEpochMilli() + "\n" + link.mediaType());
  }

  public boolean removeLink(Place place, Digest digest) throws IOException {
    return Files.deleteIfExists(linkFile(place, digest));
  }

  /** Calls {@code action} with every link of every repository. */
  public void forEachLink(BiConsumer<Place, Digest> action) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(file -> file.getNameCount() >= root.getNameCount() + 5)
          .forEach(file -> linked(file, action));
    }
  }

  private void linked(Path file, BiConsumer<Place, Digest> action) {
    Path relative = root.relativize(file);
    int names = relative.getNameCount();
    if (!relative.getName(names - 3).toString().equals("_links")) {
      return;
    }
    Optional<RepoName> repository = RepoName.parse(relative.subpath(1, names - 3).toString());
    Optional<Digest> digest =
        Digest.parse(relative.getName(names - 2) + ":" + relative.getName(names - 1));
    if (repository.isPresent() && digest.isPresent()) {
      action.accept(new Place(relative.getName(0).toString(), repository.get()), digest.get());
    }
  }

  /**
   * {@code variant}: the set of media types that was asked for; an answer to one is no answer to
   * another.
   */
  public Optional<Tag> tag(Place place, TagName tag, String variant) throws IOException {
    return read(tagFile(place, tag).resolve(variant))
        .filter(lines -> lines.length == 3)
        .flatMap(l -> Digest.parse(l[1]).map(digest -> new Tag(digest, l[2], time(l[0]))));
  }

  public void putTag(Place place, TagName tag, String variant, Tag value) throws IOException {
    write(
        tagFile(place, tag).resolve(variant),
        value.checked().toEpochMilli() + "\n" + value.digest() + "\n" + value.mediaType());
  }

  /** Forgets what the tag meant, for all variants; false if nothing was known. */
  public boolean removeTag(Place place, TagName tag) throws IOException {
    return removeTree(tagFile(place, tag));
  }

  /** Forgets all links and tags of a repository; false if nothing was known. */
  public boolean removeRepository(Place place) throws IOException {
    boolean links = removeTree(directory(place).resolve("_links"));
    boolean tags = removeTree(directory(place).resolve("_tags"));
    return links || tags;
  }

  private Path directory(Place place) {
    return root.resolve(place.upstream()).resolve(place.repository().toString());
  }

  private Path linkFile(Place place, Digest digest) {
    return directory(place).resolve("_links").resolve(digest.algorithm()).resolve(digest.hex());
  }

  private Path tagFile(Place place, TagName tag) {
    return directory(place).resolve("_tags").resolve(tag.toString());
  }

  private Instant time(String millis) {
    if (!millis.matches("[0-9]{1,15}")) {
      return Instant.EPOCH;
    }
    Instant time = Instant.ofEpochMilli(Long.parseLong(millis));
    return time.isAfter(clock.instant()) ? began : time;
  }

  private static Optional<String[]> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file).split("\n", -1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void write(Path file, String text) throws IOException {
    directories.readLock().lock();
    try {
      Files.createDirectories(file.getParent());
      Path temporary = file.resolveSibling("." + temporaries.incrementAndGet());
      Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      directories.readLock().unlock();
    }
  }

  private boolean removeTree(Path directory) throws IOException {
    Path aside = directory.resolveSibling("." + UUID.randomUUID());
    directories.writeLock().lock();
    try {
      Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return false;
    } finally {
      directories.writeLock().unlock();
    }
    Files.walkFileTree(
        aside,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException error)
              throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
    return true;
  }
}
