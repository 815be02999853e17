package io.springtide.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What a story of proxies begins with: an upstream, and a directory of its own. */
public abstract class ProxyStory {
  @TempDir protected Path directory;

  /** Where the proxies keep what they have. */
  protected Path data;

  protected ScriptedUpstream upstream;
  private final List<TestProxy> proxies = new ArrayList<>();

  @BeforeEach
  final void openUpstream() throws IOException {
    data = directory.resolve("data");
    upstream = new ScriptedUpstream();
  }

  @AfterEach
  final void closeAll() throws IOException {
    proxies.forEach(TestProxy::close);
    upstream.close();
  }

  /** {@code more}: further YAML, of the same form as in a file. */
  protected final TestProxy proxy(String more) throws Exception {
    return closed(new TestProxy(data, upstream.url(), more));
  }

  /** {@code proxy}, closed at the story's end. */
  protected final TestProxy closed(TestProxy proxy) {
    proxies.add(proxy);
    return proxy;
  }

  protected final Path secret(String name, String value) throws IOException {
    return Files.writeString(directory.resolve(name), value + "\n");
  }

  /** All requests for {@code where} are answered so. */
  protected final void always(String where, ScriptedUpstream.Answer answer) {
    for (int i = 0; i < 20; i++) {
      upstream.script(where, answer);
    }
  }
}
