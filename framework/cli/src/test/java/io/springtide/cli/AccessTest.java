package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.server.access.Access;
import io.springtide.server.access.Audit;
import io.springtide.server.access.AuditFile;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.http.Door;
import io.springtide.server.http.Gate;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.LeadingCore;
import io.springtide.server.http.Listeners;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import io.springtide.server.loop.SteadyClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tide} and a server that asks who is there. */
class AccessTest {
  @TempDir Path dir;
  private Person person;
  private CoreLoop loop;
  private HttpApi api;
  private String admin;

  @BeforeEach
  void serve() throws Exception {
    Access access = new Access(new Shelf(), Instant::now, new SecureRandom());
    admin = access.create(new Principal("boss", Role.ADMIN, List.of()), Optional.empty()).secret();
    Gate gate = Gate.asking(1000, System::nanoTime);
    gate.lead(access);
    Audit audit = new Audit(new AuditFile(dir.resolve("audit"), 1 << 20, 2), Instant::now);
    gate.audit(audit);
    MemoryStateStore store = new MemoryStateStore();
    SteadyClock clock = SteadyClock.system();
    SchedulerCore core =
        SchedulerCore.restore(CoreConfig.of("springtide"), store.load(), clock.instant());
    Published published = new Published(core.view());
    loop = new CoreLoop(core, store, published, clock, audit, reason -> {});
    loop.start(effect -> {});
    api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0),
            new Door(List.of(), false),
            gate,
            name -> Optional.empty());
    api.lead(new LeadingCore(loop, published, pool -> {}));
    person = new Person("http://127.0.0.1:" + api.port());
  }

  @AfterEach
  void close() {
    api.close();
    loop.close();
  }

  @Test
  void aDryRunOfATokenSaysWhatWouldBeDoneAndDoesNothing() {
    person.environment.put("TIDE_TOKEN", admin);
    Path file = dir.resolve("dry.token");
    assertThat(
            person.tide(
                "token", "create", "ci", "--role", "viewer", "--to", file.toString(), "--dry-run"))
        .isZero();
    assertThat(person.said()).contains("would send POST /v1/tokens", "\"ci\"", file.toString());
    assertThat(file).doesNotExist();
    assertThat(person.tide("token", "create", "boss", "--role", "viewer", "--dry-run"))
        .isEqualTo(1);
    assertThat(person.complained()).contains("there is a token boss already");
    assertThat(person.tide("token", "revoke", "boss", "--dry-run")).isZero();
    assertThat(person.said()).contains("would send DELETE /v1/tokens/boss");
    assertThat(person.tide("token", "revoke", "ci", "--dry-run")).isEqualTo(1);
    assertThat(person.complained()).contains("there is no token 'ci'");
    assertThat(person.tide("token", "list", "-o", "name")).isZero();
    assertThat(person.said()).isEqualTo("boss%n".formatted());
  }

  /** What a token outlives here is nothing. */
  private static final class Shelf implements Access.Shelf {
    private final Map<String, byte[]> documents = new HashMap<>();

    @Override
    public Map<String, byte[]> all() {
      return documents;
    }

    @Override
    public void put(String name, byte[] document) {
      documents.put(name, document);
    }

    @Override
    public void remove(String name) {
      documents.remove(name);
    }
  }

  @Test
  void aTokenIsMadeUsedAndRevoked() throws Exception {
    assertThat(person.tide("pool", "list")).isEqualTo(1);
    assertThat(person.complained()).contains("carries no token", "fix:");
    person.environment.put("TIDE_TOKEN", admin);
    Path file = dir.resolve("ci.token");
    assertThat(
            person.tide(
                "token",
                "create",
                "ci",
                "--role",
                "operator",
                "--group",
                "feed",
                "--to",
                file.toString()))
        .isZero();
    String secret = Files.readString(file).strip();
    assertThat(secret).startsWith("tide_");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(person.said() + person.complained())
        .contains("token ci created")
        .doesNotContain(secret);
    assertThat(person.tide("token", "create", "eve", "--role", "viewer", "--expires", "720h"))
        .isZero();
    assertThat(person.said()).matches("tide_[A-Za-z0-9_-]{43}\\R");
    assertThat(person.tide("token", "list")).isZero();
    assertThat(person.said())
        .contains("ci ", "operator", "feed", "eve", "boss")
        .doesNotContain(secret);

    person.environment.remove("TIDE_TOKEN");
    assertThat(person.tide("pool", "list", "--token-file", file.toString())).isZero();
    assertThat(person.tide("token", "list", "--token-file", file.toString())).isEqualTo(1);
    person.complained();
    assertThat(person.tide("job", "stop", "search.web", "--token-file", file.toString()))
        .isEqualTo(1);
    assertThat(person.complained())
        .contains("'ci' is operator of feed", "an operator of the job's group");
    person.said();

    person.environment.put("TIDE_TOKEN", admin);
    assertThat(person.tide("token", "revoke", "ci")).isZero();
    assertThat(person.said()).contains("token ci revoked");
    assertThat(person.tide("token", "revoke", "ci")).isEqualTo(1);
    assertThat(person.tide("audit")).isZero();
    assertThat(person.said())
        .contains("DELETE /v1/tokens/ci", "POST /v1/tokens/ci", "DELETE /v1/jobs/search.web", "403")
        .doesNotContain(secret, admin);
  }

  @Test
  void aFileThatCannotBeWrittenMakesNoToken() {
    person.environment.put("TIDE_TOKEN", admin);
    String there = dir.resolve("audit").toString();
    assertThat(person.tide("token", "create", "ci", "--role", "admin", "--to", there)).isEqualTo(2);
    assertThat(person.complained()).contains("it is there already");
    Path file = dir.resolve("new.token");
    assertThat(person.tide("token", "create", "ci", "--role", "boss", "--to", file.toString()))
        .isEqualTo(1);
    assertThat(person.complained()).contains("field: role");
    assertThat(file).doesNotExist();
    person.tide("token", "list", "-o", "name");
    assertThat(person.said()).isEqualTo("boss" + System.lineSeparator());
  }

  @Test
  void whatIsKeptOfEventsIsToldWholeAndJobsAreFoundByTheirNotes() throws Exception {
    person.environment.put("TIDE_TOKEN", admin);
    assertThat(person.tide("pool", "put", file("{name: idc, kind: owned}"))).isZero();
    assertThat(
            person.tide("group", "put", file("{path: feed, quotas: {idc: {limit: {cpus: 9000}}}}")))
        .isZero();
    String job =
        "{id: feed.%s, instances: %d, labels: {tier: '%s'}, owner: feed-team,"
            + " resources: {cpus: 1, memoryMiB: 64}, container: {image: a}}";
    assertThat(person.tide("job", "run", file(job.formatted("many", 1500, "1")))).isZero();
    assertThat(person.tide("job", "run", file(job.formatted("few", 1, "2")))).isZero();
    person.said();
    assertThat(person.tide("job", "list", "--label", "tier=2", "-o", "name")).isZero();
    assertThat(person.tide("job", "list", "--name", "*.m?ny", "--owner", "feed-team", "-o", "name"))
        .isZero();
    assertThat(person.said()).isEqualTo("feed.few%nfeed.many%n".formatted());
    assertThat(person.tide("events", "--type", "instance", "-o", "name")).isZero();
    assertThat(person.said().lines().distinct()).as("more than one page").hasSize(1501);
    assertThat(person.tide("events", "--after", "another-1")).isZero();
    assertThat(person.complained()).contains("events are missing after another-1");
    assertThat(person.tide("events", "--type", "order")).isEqualTo(2);
  }

  private String file(String text) throws Exception {
    return Files.writeString(Files.createTempFile(dir, "doc", ".yaml"), text).toString();
  }
}
