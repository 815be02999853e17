package io.springtide.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Fields;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code zookeeper:}, where the state is that several servers share. */
final class ZooKeeperSection {
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9_.@-]{1,64}");
  private static final String WHERE = "write host:port,host:port/path, such as zk1:2181/springtide";

  private ZooKeeperSection() {}

  static ServerConfig.ZooKeeper read(JsonNode node) {
    Fields fields = Fields.of(node, "connect", "user", "passwordFile");
    String connect =
        ConfigFile.match(
            "connect", fields.requireText("connect", WHERE), ConfigFile.ZOOKEEPER, WHERE);
    Optional<String> user = fields.text("user");
    Optional<Path> passwordFile = fields.text("passwordFile").map(Path::of);
    if (passwordFile.isPresent() && user.isEmpty()) {
      throw new InvalidModelException(
          "user", "it is missing, but passwordFile is given", "name the user");
    }
    if (user.isEmpty()) {
      return new ServerConfig.ZooKeeper(connect, Optional.empty());
    }
    ConfigFile.match(
        "user", user.get(), USER, "write letters, digits and . _ @ -, such as springtide");
    if (passwordFile.isEmpty()) {
      throw new InvalidModelException(
          "passwordFile", "it is missing, but user is given", "name a file with the password");
    }
    if (!connect.matches("[^/]+/.+")) {
      throw new InvalidModelException(
          "connect",
          "it has no path, and all below it is shut to others",
          "write a path of our own behind it, such as /springtide");
    }
    return new ServerConfig.ZooKeeper(
        connect, Optional.of(new ServerConfig.Login(user.get(), passwordFile.get())));
  }
}
