package io.springtide.server.config;

import io.springtide.partition.model.Resources;
import io.springtide.partition.model.SharingPolicy;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.job.FailurePolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a server process is told at its start.
 *
 * @param cluster a name; part of the framework's name in Mesos
 * @param mesos how to reach and address the Mesos master
 * @param zookeeper where the state is; empty: in an embedded one, with its data below {@code
 *     dataDir}
 * @param dataDir where this process keeps its files
 * @param http where the API listens
 * @param tls how it speaks TLS; empty: it does not
 * @param access whom it lets in
 * @param metrics whom it lets read {@code /metrics}
 * @param artifacts the executor's jar
 * @param executor what an executor and its warden take on each host
 * @param sharing how gently borrowed room is taken back
 * @param waits how long some things are waited for
 * @param consul address of each host's Consul agent; empty: none
 * @param registry the registry proxies, to bring images to; empty: none are known
 * @param localClouds base URLs that the cloud driver {@code local} may ask; empty: it is off
 */
public record ServerConfig(
    String cluster,
    Mesos mesos,
    Optional<ZooKeeper> zookeeper,
    Path dataDir,
    Http http,
    Optional<Tls> tls,
    Access access,
    Access metrics,
    Artifacts artifacts,
    Executor executor,
    SharingPolicy sharing,
    Waits waits,
    Optional<String> consul,
    Optional<Registry> registry,
    Set<String> localClouds) {

  /**
   * How long some things are waited for.
   *
   * @param unreachableAfter how long an instance of a job that does not say so itself may be out of
   *     sight until it gets another attempt
   * @param holdOffers how long an offer is kept that others could use
   * @param suppressAfter how long nothing must have been wanted until Mesos is asked for no offers
   * @param lookAround how long no offers are asked for, before new hosts are looked for
   */
  public record Waits(
      Duration unreachableAfter, Duration holdOffers, Duration suppressAfter, Duration lookAround) {
    /** docs/configuration.md gives the reasons. */
    public static final Waits DEFAULT =
        new Waits(
            FailurePolicy.DEFAULT.unreachableAfter(),
            CoreConfig.Times.DEFAULT.offers().hold(),
            CoreConfig.Times.DEFAULT.offers().suppressAfter(),
            CoreConfig.Times.DEFAULT.offers().lookAround());
  }

  /**
   * The Mesos side.
   *
   * @param master {@code host:port}, {@code http://host:port}, or {@code zk://host:port/path}
   * @param role our own role; production hosts are reserved to it
   * @param user the user that tasks run as
   * @param principal for authentication; empty: none
   * @param secretFile a file whose trimmed content is the principal's secret
   * @param failoverTimeout how long Mesos keeps our tasks while no framework process is connected
   * @param maintenanceLead how long before its machine goes away by the master's schedule a host is
   *     emptied
   */
  public record Mesos(
      String master,
      String role,
      String user,
      Optional<String> principal,
      Optional<Path> secretFile,
      Duration failoverTimeout,
      Duration maintenanceLead) {}

  /**
   * The API's address.
   *
   * @param host to bind, {@code 0.0.0.0} for all
   * @param port to bind; 0: a free one, written to {@code <dataDir>/http.address}
   * @param advertise the host name by which agents reach it, where that differs from {@code host}
   * @param names further names by which users reach it, and from whose pages it may be asked
   * @param requestsPerSecond of one token, and of one address; where tokens are asked for
   */
  public record Http(
      String host,
      int port,
      Optional<String> advertise,
      List<String> names,
      int requestsPerSecond) {
    /** docs/configuration.md gives the reason. */
    public static final int REQUESTS_PER_SECOND = 500;

    /** Whether only this machine can reach it, as far as the address itself says. */
    public boolean isLoopback() {
      return host.equals("localhost") || host.equals("[::1]") || host.startsWith("127.");
    }

    /** All names that it goes by, as far as the configuration says them. */
    public List<String> knownAs() {
      List<String> all = new ArrayList<>(names);
      all.add(host);
      advertise.ifPresent(all::add);
      return all;
    }
  }

  /**
   * A ZooKeeper of others.
   *
   * @param connect with path, {@code zk1:2181,zk2:2181/springtide}
   * @param login as whom; empty: as nobody, and everybody who reaches it reads and writes the state
   */
  public record ZooKeeper(String connect, Optional<Login> login) {}

  /**
   * As whom ZooKeeper is asked.
   *
   * @param passwordFile a file whose trimmed content is the password
   */
  public record Login(String user, Path passwordFile) {}

  /**
   * TLS, by PEM files.
   *
   * @param certificate the server's, those that vouch for it behind it
   * @param key of the certificate
   * @param ca what the servers of a cluster trust of one another; empty: what {@code certificate}
   *     holds
   */
  public record Tls(Path certificate, Path key, Optional<Path> ca) {}

  /** Whom the API lets in. */
  public enum Access {
    /** Everybody. */
    OPEN,
    /** Who has a token. */
    TOKENS
  }

  /**
   * Where agents fetch the executor from.
   *
   * @param executorUrl a URL that is stable across leaders; empty: served by this process
   * @param executorJar the jar that this process serves; empty: the one it was started with
   * @param executorSha256 of the jar, in lower-case hexadecimal; empty: that of the jar known here
   * @param java the JVM on the agents that runs it
   * @param address where agents fetch it without TLS; empty: from the API's address
   */
  public record Artifacts(
      Optional<String> executorUrl,
      Optional<Path> executorJar,
      Optional<String> executorSha256,
      String java,
      Optional<Address> address) {}

  /**
   * An address to listen on.
   *
   * @param port 0: a free one
   */
  public record Address(String host, int port) {}

  /**
   * What runs on each host besides its instances.
   *
   * @param overhead the executor itself, containers not included
   * @param warden the first task on each host
   */
  public record Executor(Resources overhead, Resources warden) {}

  /**
   * The registry proxies and how to ask something of them.
   *
   * @param adminTokenFile a file whose trimmed content is the admin token of all of them
   */
  public record Registry(Path adminTokenFile, List<Proxy> proxies) {}

  /**
   * A registry proxy.
   *
   * @param zone whose pools it serves; empty: those of all zones
   * @param url where it listens, as this process reaches it
   */
  public record Proxy(Optional<String> zone, URI url) {}
}
