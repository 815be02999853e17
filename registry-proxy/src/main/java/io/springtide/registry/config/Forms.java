package io.springtide.registry.config;

import java.util.regex.Pattern;

/** What values may look like, and what is said of those that do not. */
final class Forms {
  static final Pattern ANY = Pattern.compile(".+");
  static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  /** 1 to 65535. */
  private static final String PORT =
      "(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";

  static final Pattern URL =
      Pattern.compile(
          "https?://([A-Za-z0-9._-]+|\\[[0-9a-fA-F:.]+\\])(:" + PORT + ")?(/[A-Za-z0-9._~/-]*)?");
  static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}");
  static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]+(:" + PORT + ")?");
  static final Pattern HOST_ONLY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9a-fA-F:.]{2,45}\\]");
  static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._-]{1,60}");
  static final String A_LABEL = "a name such as idc-1 (letters, digits, . _ -)";
  static final Pattern PREFIX = Pattern.compile("[a-z0-9]+([._/-][a-z0-9]+)*");
  static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._*/:-]+");
  static final Pattern IMAGE =
      Pattern.compile("[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  static final String A_URL = "an address such as https://registry.example";
  static final String AN_ADDRESS = "host:port, such as 0.0.0.0:5000";

  private Forms() {}
}
