package io.springtide.cloud;

import java.util.Map;

class ScriptedCloudDriverTest extends CloudDriverContract {
  private final ScriptedCloud cloud = new ScriptedCloud();
  private final CloudDriver driver = new ScriptedCloudDriver(cloud);

  @Override
  CloudDriver driver() {
    return driver;
  }

  @Override
  ScriptedCloud cloud() {
    return cloud;
  }

  @Override
  Map<String, String> settings() {
    return Map.of();
  }
}
