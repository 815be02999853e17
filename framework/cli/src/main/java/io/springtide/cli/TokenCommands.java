package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code tide token …}. */
@Command(
    name = "token",
    description = "Makes, lists and revokes the tokens by which the server knows who asks.")
final class TokenCommands {
  @ParentCommand private TideMain tide;

  @Command(name = "list", description = "Lists tokens: whose, what for, until when.")
  int list(@Mixin Watch watch) throws ApiException, InterruptedException {
    return watch.show(tide, this::printList);
  }

  private int printList() throws ApiException, InterruptedException {
    JsonNode tokens = tide.api().all("/v1/tokens");
    if (tide.printed(tokens)) {
      return ExitCodes.OK;
    }
    Table table = new Table("NAME", "ROLE", "GROUPS", "CREATED", "EXPIRES", "USED");
    for (JsonNode token : tokens) {
      table.row(
          Show.text(token, "name"),
          Show.text(token, "role"),
          groups(token),
          Show.text(token, "created"),
          Show.text(token, "expires"),
          Show.text(token, "used"));
    }
    table.print(tide.out());
    return ExitCodes.OK;
  }

  private static String groups(JsonNode token) {
    StringBuilder all = new StringBuilder();
    token
        .path("groups")
        .forEach(group -> all.append(all.isEmpty() ? "" : ",").append(group.asText()));
    return all.isEmpty() ? Show.NOTHING : all.toString();
  }

  @Command(
      name = "create",
      description = {
        "Makes a token, and prints it: this once, since the server keeps only its hash.",
        "",
        "  viewer    reads, and asks for plans",
        "  operator  also changes jobs: those of its groups, or of all; whoever has all groups also"
            + " hosts and images",
        "  admin     also changes pools, groups and tokens, and reads the audit"
      })
  int create(
      @Parameters(paramLabel = "NAME", description = "who is to use it") String name,
      @Option(
              names = "--role",
              required = true,
              paramLabel = "ROLE",
              description = "viewer, operator or admin")
          String role,
      @Option(
              names = "--group",
              paramLabel = "PATH",
              description = "of an operator: this group and those below; again for more")
          List<String> groups,
      @Option(
              names = "--expires",
              paramLabel = "DURATION",
              description = "how long it is good, such as 720h; default: until it is revoked")
          String expires,
      @Option(
              names = "--to",
              paramLabel = "FILE",
              description = "writes it to a new file that you alone may read, and prints nothing")
          Path to,
      @Mixin Dry dry)
      throws ApiException, InterruptedException {
    ObjectNode body = Api.JSON.createObjectNode().put("name", name).put("role", role);
    if (groups != null) {
      groups.forEach(body.putArray("groups")::add);
    }
    if (expires != null) {
      body.put("expiresAfter", expires);
    }
    if (dry.run()) {
      return wouldCreate(name, body, to);
    }
    if (to != null) {
      try (SeekableByteChannel file = newSecret(to)) {
        write(file, tide.api().post("/v1/tokens", body).body().path("token").asText());
      } catch (ApiException refused) {
        remove(to);
        throw refused;
      } catch (IOException e) {
        throw unwritable(to, e.toString());
      }
      tide.err().println("token " + name + " created, in " + to);
      return ExitCodes.OK;
    }
    Api.Answer answer = tide.api().post("/v1/tokens", body);
    if (!tide.printed(answer.body())) {
      tide.err().println("token " + name + " created; it is shown this once:");
      tide.out().println(answer.body().path("token").asText());
    }
    return ExitCodes.OK;
  }

  private int wouldCreate(String name, ObjectNode body, Path to)
      throws ApiException, InterruptedException {
    if (exists(name)) {
      throw new ApiException(
          ExitCodes.REFUSED,
          "there is a token " + name + " already",
          "name",
          "choose another name, or revoke that one first");
    }
    if (to != null && Files.exists(to)) {
      throw unwritable(to, "it is there already");
    }
    tide.progress().println("would send POST /v1/tokens " + body);
    tide.progress()
        .println(
            to == null ? "  and print the token, this once." : "  and write it to " + to + ".");
    return ExitCodes.OK;
  }

  /** Which the list of tokens says; nothing else shows one. */
  private boolean exists(String name) throws ApiException, InterruptedException {
    for (JsonNode token : tide.api().all("/v1/tokens")) {
      if (token.path("name").asText().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Before the token is made: one that nobody can write down helps nobody. */
  private static SeekableByteChannel newSecret(Path file) throws ApiException {
    try {
      return Files.newByteChannel(
          file,
          Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException e) {
      throw unwritable(file, "it is there already");
    } catch (IOException e) {
      throw unwritable(file, e.toString());
    }
  }

  private static void write(SeekableByteChannel file, String secret) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((secret + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private static void remove(Path file) throws ApiException {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unwritable(file, e.toString());
    }
  }

  private static ApiException unwritable(Path file, String why) {
    return new ApiException(
        ExitCodes.USAGE, file + " cannot be written: " + why, "--to", "name a new file");
  }

  @Command(name = "revoke", description = "Revokes a token; from then on it is none.")
  int revoke(@Parameters(paramLabel = "NAME") String name, @Mixin Dry dry)
      throws ApiException, InterruptedException {
    if (dry.run()) {
      if (!exists(name)) {
        throw new ApiException(
            ExitCodes.REFUSED,
            "there is no token '" + name + "'",
            "",
            "the list of tokens says which there are");
      }
      tide.progress().println("would send DELETE /v1/tokens/" + Api.segment(name));
      tide.progress().println("  From then on it is none; the last admin's is kept.");
      return ExitCodes.OK;
    }
    tide.api().delete("/v1/tokens/" + Api.segment(name));
    tide.gone("name", name, "token " + name + " revoked");
    return ExitCodes.OK;
  }
}
