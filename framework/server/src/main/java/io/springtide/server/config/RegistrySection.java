package io.springtide.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.server.document.Fields;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** Reads {@code registry:}, the registry proxies that images are brought to. */
final class RegistrySection {
  private RegistrySection() {}

  static ServerConfig.Registry read(JsonNode node) {
    Fields fields = Fields.of(node, "adminTokenFile", "proxies");
    List<ServerConfig.Proxy> proxies = fields.list("proxies", RegistrySection::proxy);
    if (proxies.isEmpty()) {
      throw new InvalidModelException(
          "proxies", "there are none", "write proxies: [{zone: …, url: \"http://10.0.0.1:5000\"}]");
    }
    return new ServerConfig.Registry(
        Path.of(
            fields.requireText(
                "adminTokenFile", "name the file with the admin token of the proxies")),
        proxies);
  }

  private static ServerConfig.Proxy proxy(JsonNode node) {
    Fields fields = Fields.of(node, "zone", "url");
    String url = fields.requireText("url", "write its address, such as http://10.0.0.1:5000");
    if (!ConfigFile.BASE_URL.matcher(url).matches()) {
      throw new InvalidModelException(
          "url", "'" + url + "' is not allowed", "write such as http://10.0.0.1:5000, no path");
    }
    return new ServerConfig.Proxy(fields.text("zone"), URI.create(url));
  }
}
