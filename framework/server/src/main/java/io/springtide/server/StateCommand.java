package io.springtide.server;

import io.springtide.server.config.ConfigException;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.store.StateFile.BadFileException;
import io.springtide.server.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tide state import}: it opens what a server opens, and so is a command of the server's. */
@Command(
    name = "tide state import",
    mixinStandardHelpOptions = true,
    description = {
      "Puts a state that 'tide state export' wrote where there is none yet.",
      "All of it or nothing. The next server that starts with this configuration goes on from it:"
          + " with the same framework id, it finds its tasks again. Tokens are not in it; that"
          + " server makes a first one, as on a new cluster."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done",
      "1:refused, and nothing was changed; the reason is on stderr",
      "2:wrong arguments"
    })
final class StateCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "the server's configuration: it says where the state belongs")
  private Path config;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      defaultValue = "-",
      description = "what was exported; - or nothing: from stdin")
  private String file;

  @Override
  public Integer call() throws InterruptedException {
    try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
      System.err.println(StateImport.run(ConfigFile.read(config), in));
      return 0;
    } catch (ConfigException | StoreException e) {
      return refuse(e.getMessage());
    } catch (BadFileException e) {
      return refuse(file + ": " + e.getMessage() + "; nothing was changed");
    } catch (IOException e) {
      return refuse(file + " cannot be read: " + e.getMessage());
    }
  }

  private static int refuse(String why) {
    System.err.println("tide state import: " + why);
    return 1;
  }
}
