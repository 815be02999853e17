package io.springtide.mesos;

/**
 * The one place that tells protobuf to live with the Mesos bindings' generated classes.
 *
 * <p>The bindings (1.11.0, the last there are) were generated in 2017 by protoc 3.5, before
 * protobuf-java 3.22 changed how generated code parses. protobuf-java 4.36 still runs such classes,
 * but warns once for each class it meets (hundreds of lines) unless a system property says that the
 * owner knows. The risk it warns of (CVE-2022-3171, slow parsing of hostile nested messages) is
 * bounded here by the size limit of a record, see {@link RecordIo}.
 *
 * <p>The property must be set before the first generated class loads. Every public class of this
 * package does so in its static initialiser; a program that touches the bindings' messages without
 * this package calls {@link #allow()} first thing in its {@code main}.
 */
public final class ProtobufGencode {
  /** Read by {@code com.google.protobuf.GeneratedMessage}. */
  static final String PROPERTY = "com.google.protobuf.use_unsafe_pre22_gencode";

  private ProtobufGencode() {}

  /** Sets the property unless somebody has set it already. May be called any number of times. */
  public static void allow() {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, "true");
    }
  }
}
