package io.springtide.harness.emulator.wire;

import java.util.LinkedHashMap;
import java.util.Map;

/** The Mesos that the emulated processes say they are. */
public final class Version {
  public static final String NUMBER = "1.12.0";

  /** As {@code /version} says it. */
  public static final String JSON =
      "{\"build_date\":\"2024-08-01 00:00:00\",\"build_time\":1722470400.0,"
          + "\"build_user\":\"\",\"version\":\""
          + NUMBER
          + "\"}";

  private Version() {}

  /** What a {@code /state} begins with. */
  public static Map<String, Object> fields() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("version", NUMBER);
    out.put("build_date", "2024-08-01 00:00:00");
    out.put("build_time", 1722470400.0);
    out.put("build_user", "");
    return out;
  }
}
