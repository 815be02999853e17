package io.springtide.cloud;

import java.util.Map;

class ScriptedCloudDriverTest extends CloudDriverContract {
  private final CloudDriver driver = new ScriptedCloudDriver(cloud);

  @Override
  CloudDriver driver() {
    return driver;
  }

  @Override
  Map<String, String> settings() {
    return Map.of();
  }
}
