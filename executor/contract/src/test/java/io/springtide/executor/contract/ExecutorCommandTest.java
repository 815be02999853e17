package io.springtide.executor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that an agent runs, in sandboxes laid out as an agent lays them out. */
class ExecutorCommandTest {
  @TempDir Path work;
  private Path java;

  /** What a launch came to. */
  private record Launched(int status, String stdout, String stderr) {}

  /** Says how it was called, in place of a JVM. */
  @BeforeEach
  void stub() throws IOException {
    java = work.resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"locale $LC_ALL\"\necho \"runs $*\"\nexit 3\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void theFrameworksJarIsRun() throws Exception {
    Path sandbox = sandbox("e1", "r1", "the jar");
    var launched = launch(sandbox, sha256("the jar"), System.getenv("PATH"));
    assertThat(launched.status()).isEqualTo(3);
    assertThat(launched.stdout()).contains("-Xmx").contains("-jar executor.jar");
    assertThat(launched.stderr()).isEmpty();
  }

  @Test
  void anotherJarIsNot() throws Exception {
    Path sandbox = sandbox("e1", "r1", "the jar, and something else");
    var launched = launch(sandbox, sha256("the jar"), System.getenv("PATH"));
    assertThat(launched.status()).isEqualTo(1);
    assertThat(launched.stdout()).isEmpty();
    assertThat(launched.stderr())
        .contains("not the framework's")
        .contains(sha256("the jar"))
        .contains(sha256("the jar, and something else"));
  }

  @Test
  void noJarIsNotRunEither() throws Exception {
    Path sandbox = sandbox("e1", "r1", "the jar");
    Files.delete(sandbox.resolve("executor.jar"));
    var launched = launch(sandbox, sha256("the jar"), System.getenv("PATH"));
    assertThat(launched.status()).isEqualTo(1);
    assertThat(launched.stdout()).isEmpty();
    assertThat(launched.stderr()).contains("SHA-256 is unknown");
  }

  @Test
  void whereNothingCanCheckItNothingIsRun() throws Exception {
    Path sandbox = sandbox("e1", "r1", "the jar");
    var launched = launch(sandbox, sha256("the jar"), work.resolve("empty").toString());
    assertThat(launched.status()).isEqualTo(1);
    assertThat(launched.stdout()).isEmpty();
    assertThat(launched.stderr()).contains("install sha256sum");
  }

  @Test
  void whatAnEarlierRunHasIsLinked() throws Exception {
    Path before = sandbox("e1", "r1", "the jar");
    Path other = sandbox("e2", "r1", "another jar");
    Files.createSymbolicLink(before.resolveSibling("latest"), before);
    Path sandbox = sandbox("e3", "r1", "the jar");
    assertThat(launch(sandbox, sha256("the jar"), System.getenv("PATH")).status()).isEqualTo(3);
    assertThat(inode(sandbox)).isEqualTo(inode(before)).isNotEqualTo(inode(other));
    assertThat(launch(before, sha256("the jar"), System.getenv("PATH")).status()).isEqualTo(3);
    assertThat(other.resolve("executor.jar")).hasContent("another jar");
  }

  /** Java writes question marks in any other. */
  @Test
  void itRunsInALocaleThatHasEveryCharacter() throws Exception {
    Path sandbox = sandbox("e1", "r1", "the jar");
    var launched = launch(sandbox, sha256("the jar"), System.getenv("PATH"));
    assertThat(launched.stdout()).containsPattern("locale .*UTF-8");
  }

  private Path sandbox(String executor, String run, String jar) throws IOException {
    Path sandbox = work.resolve("executors").resolve(executor).resolve("runs").resolve(run);
    Files.createDirectories(sandbox);
    Files.writeString(sandbox.resolve("executor.jar"), jar);
    return sandbox;
  }

  private Launched launch(Path sandbox, String sha256, String path) throws Exception {
    Path stdout = work.resolve("stdout");
    Path stderr = work.resolve("stderr");
    var builder =
        new ProcessBuilder(ExecutorCommand.arguments(java.toString(), sha256))
            .directory(sandbox.toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().put("LC_ALL", "POSIX");
    int status = builder.start().waitFor();
    return new Launched(status, Files.readString(stdout), Files.readString(stderr));
  }

  private static Object inode(Path sandbox) throws IOException {
    return Files.getAttribute(sandbox.resolve("executor.jar"), "unix:ino");
  }

  private static String sha256(String content) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes("UTF-8")));
  }
}
