package io.springtide.scheduler.job;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.config.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How the executor finds out whether an instance is well.
 *
 * @param probe what is asked
 * @param grace time after the start in which failures do not count, 0 or more
 * @param interval from one probe to the next, above 0
 * @param timeout of one probe, above 0
 * @param failures how many in a row make it unhealthy, 1 or more
 */
public record HealthSpec(
    Probe probe, Duration grace, Duration interval, Duration timeout, int failures) {

  /** What is asked. */
  public sealed interface Probe {
    /** Name of the port that is probed; empty where none is. */
    String port();

    /** The field of a document that says it. */
    default String word() {
      return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** Shows itself to the visitor, and hands back what that says. */
    <T> T accept(Visitor<T> visitor);
  }

  /** Whoever must know every kind of probe. */
  public interface Visitor<T> {
    T on(Http probe);

    T on(Tcp probe);

    T on(Command probe);

    T on(Grpc probe);
  }

  /** An HTTP GET that must answer 2xx or 3xx. */
  public record Http(String port, String path) implements Probe {
    public Http {
      requireNonNull(port);
      if (path == null || !path.startsWith("/")) {
        throw new InvalidModelException(
            "http.path", "'" + path + "' is not a path", "write one that begins with /");
      }
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** A connection that must open. */
  public record Tcp(String port) implements Probe {
    public Tcp {
      requireNonNull(port);
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** A command inside the container that must exit 0. */
  public record Command(List<String> command) implements Probe {
    public Command {
      command = List.copyOf(command);
      if (command.isEmpty()) {
        throw new InvalidModelException("command", "no command is given", "write its arguments");
      }
    }

    @Override
    public String port() {
      return "";
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** The standard gRPC health service, which must answer SERVING. */
  public record Grpc(String port, String service) implements Probe {
    public Grpc {
      requireNonNull(port);
      requireNonNull(service);
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  public HealthSpec {
    requireNonNull(probe);
    Durations.requireNotNegative("grace", grace);
    Durations.requirePositive("interval", interval);
    Durations.requirePositive("timeout", timeout);
    if (failures < 1) {
      throw new InvalidModelException("failures", failures + " is too few", "write 1 or more");
    }
  }
}
