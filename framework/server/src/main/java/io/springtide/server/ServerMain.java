package io.springtide.server;

import io.springtide.mesos.ProtobufGencode;
import io.springtide.server.config.ConfigException;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.store.StoreException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The framework process. */
@Command(
    name = "tide server",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the framework: scheduler and HTTP API.",
      "It subscribes to the Mesos master, keeps its state in ZooKeeper (an embedded one where none"
          + " is configured), and may be killed at any time: the next start goes on."
    },
    footer = {
      "",
      "A configuration of two lines is enough to begin:",
      "  mesos: {master: \"127.0.0.1:5050\"}",
      "  dataDir: /var/lib/springtide",
      "All keys: docs/configuration.md"
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:ended on SIGTERM or SIGINT",
      "1:could not start, or had to end; the reason is on stderr",
      "2:wrong arguments"
    })
public final class ServerMain implements Callable<Integer> {
  private static final String LOGGING = "logback.configurationFile";

  static {
    // Another module on the class path brings a logback.xml of its own; this names ours.
    if (System.getProperty(LOGGING) == null) {
      System.setProperty(LOGGING, "logback-server.xml");
    }
  }

  private static final Logger log = LoggerFactory.getLogger(ServerMain.class);

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "the configuration, YAML")
  private Path config;

  private ServerMain() {}

  public static void main(String[] arguments) {
    ProtobufGencode.allow();
    boolean imports =
        arguments.length > 1 && arguments[0].equals("state") && arguments[1].equals("import");
    System.exit(
        imports
            ? new CommandLine(new StateCommand())
                .execute(Arrays.copyOfRange(arguments, 2, arguments.length))
            : new CommandLine(new ServerMain()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    Server server;
    try {
      server = new Server(ConfigFile.read(config), System.getenv(), ServerMain::end);
    } catch (ConfigException e) {
      return refuse(e.getMessage());
    }
    CountDownLatch asked = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              log.info("Ending");
              server.close();
              asked.countDown();
            },
            "end");
    try {
      server.open();
      Runtime.getRuntime().addShutdownHook(hook);
      server.lead();
    } catch (ConfigException | StoreException e) {
      server.close();
      return refuse(e.getMessage());
    }
    asked.await();
    return 0;
  }

  private static int refuse(String why) {
    System.err.println("tide server: " + why);
    return 1;
  }

  /** At once, as if killed: what is durable is all that counts, and the next start goes on. */
  private static void end(String reason) {
    log.error("This process ends: {}", reason);
    Runtime.getRuntime().halt(1);
  }
}
