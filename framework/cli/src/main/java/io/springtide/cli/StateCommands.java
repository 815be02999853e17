package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide state}. */
@Command(
    name = "state",
    description = "Copies all that is durable out of a server, and into a place where nothing is.")
final class StateCommands {
  /** So often a person sees how far it is. */
  private static final int SHOWN_EVERY = 5_000;

  @ParentCommand private TideMain tide;

  @Command(
      name = "export",
      description = {
        "Prints the whole state, a line for each record, while the server goes on.",
        "No tokens are in it, but all documents: keep it as you keep them."
      },
      footer = {
        "",
        "  tide state export --to state.jsonl",
        "  tide state import --config server.yaml state.jsonl    # where there is none yet"
      })
  int export(
      @Option(
              names = "--to",
              paramLabel = "FILE",
              description = "writes it to a new file that you alone may read, and prints nothing")
          Path to)
      throws ApiException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(tide.api().read("/v1/state"), StandardCharsets.UTF_8))) {
      if (to == null) {
        long records = copy(lines, tide.around().out());
        tide.around().out().flush();
        tide.err().println(records + " records");
      } else {
        keep(lines, to);
      }
      return ExitCodes.OK;
    } catch (IOException e) {
      throw cutOff(e.toString());
    }
  }

  /** All of it, or no file. */
  private void keep(BufferedReader lines, Path to) throws IOException, ApiException {
    boolean whole = false;
    try (Writer file = owned(to)) {
      long records = copy(lines, file);
      whole = true;
      tide.err().println(records + " records, in " + to);
    } catch (FileAlreadyExistsException e) {
      whole = true;
      throw new ApiException(ExitCodes.USAGE, to + " is there already", "--to", "name a new file");
    } finally {
      if (!whole) {
        Files.deleteIfExists(to);
      }
    }
  }

  private static Writer owned(Path to) throws IOException {
    return new OutputStreamWriter(
        Channels.newOutputStream(
            Files.newByteChannel(
                to,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")))),
        StandardCharsets.UTF_8);
  }

  /** Copies to the end, which must be there. */
  private long copy(BufferedReader lines, Writer to) throws IOException, ApiException {
    String first = lines.readLine();
    long records = first == null ? -1 : Api.JSON.readTree(first).path("changes").asLong(-1);
    if (records < 0) {
      throw cutOff("its first line says nothing");
    }
    to.write(first + "\n");
    for (long n = 0; n < records; n++) {
      to.write(whole(lines) + "\n");
      if (tide.around().terminal() && n % SHOWN_EVERY == 0) {
        tide.err().print("\r" + n + " of " + records + " records");
        tide.err().flush();
      }
    }
    String last = whole(lines);
    JsonNode end = Api.JSON.readTree(last);
    if (!end.path("end").asBoolean()) {
      throw cutOff("its last line is not the end");
    }
    to.write(last + "\n");
    if (tide.around().terminal()) {
      tide.err().print("\r");
    }
    return records;
  }

  private static String whole(BufferedReader lines) throws IOException, ApiException {
    String line = lines.readLine();
    if (line == null) {
      throw cutOff("it ended early");
    }
    return line;
  }

  private static ApiException cutOff(String why) {
    return new ApiException(
        ExitCodes.UNREACHABLE, "the state did not come whole: " + why, "", "try again");
  }

  /** Never here: the tide script gives it to the server's process. */
  @Command(
      name = "import",
      description = {
        "Puts a state that was exported where there is none, for the next server to go on from.",
        "It is done on a server's machine, with its configuration: tide state import --help"
      })
  int load(
      @Option(names = "--config", paramLabel = "FILE", description = "the server's configuration")
          Path config,
      @Parameters(paramLabel = "FILE", arity = "0..1", description = "what was exported") Path file)
      throws ApiException {
    throw new ApiException(
        ExitCodes.USAGE,
        "a state is imported by the server's process",
        "",
        "run it by the tide script: tide state import --config FILE [FILE|-]");
  }
}
