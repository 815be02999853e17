package io.springtide.harness.emulator.wire;

import org.apache.mesos.v1.Protos.VersionInfo;

/** What masters and agents say that they are. */
public final class Versions {
  public static final VersionInfo MESOS =
      VersionInfo.newBuilder()
          .setVersion("1.12.0")
          .setBuildDate("2024-08-01 00:00:00")
          .setBuildTime(1722470400.0)
          .setBuildUser("")
          .build();

  private Versions() {}
}
