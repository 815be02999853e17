package io.springtide.harness.consul;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A check as a registration describes it; names and durations are Consul's own.
 *
 * <p>Known kinds: TTL, HTTP, TCP. Not known: scripts, gRPC, docker and alias checks.
 */
record Check(
    @JsonProperty("CheckID") String checkId,
    @JsonProperty("ID") String id,
    @JsonProperty("Name") String name,
    @JsonProperty("Notes") String notes,
    @JsonProperty("ServiceID") String serviceId,
    @JsonProperty("TTL") String ttl,
    @JsonProperty("HTTP") String http,
    @JsonProperty("Method") String method,
    @JsonProperty("Header") Map<String, List<String>> header,
    @JsonProperty("TCP") String tcp,
    @JsonProperty("Interval") String interval,
    @JsonProperty("Timeout") String timeout,
    @JsonProperty("Status") String status,
    @JsonProperty("SuccessBeforePassing") int successBeforePassing,
    @JsonProperty("FailuresBeforeCritical") int failuresBeforeCritical,
    @JsonProperty("TLSSkipVerify") boolean tlsSkipVerify,
    @JsonProperty("DeregisterCriticalServiceAfter") String deregisterCriticalServiceAfter) {
  private static final Pattern GO_DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h)");

  /** What is wrong with it, in Consul's words; empty when nothing is. */
  String problem() {
    boolean polled = given(http) || given(tcp);
    if (given(ttl) && given(interval)) {
      return "Interval and TTL cannot both be specified";
    }
    if (given(ttl) == polled) {
      return polled ? "TTL cannot be used with HTTP or TCP" : "TTL must be > 0 for TTL checks";
    }
    if (polled && duration(interval).isZero()) {
      return "Interval must be > 0 for Script, HTTP, or TCP checks";
    }
    if (given(ttl) && duration(ttl).isZero()) {
      return "TTL must be > 0 for TTL checks";
    }
    return "";
  }

  @JsonIgnore
  String type() {
    return given(ttl) ? "ttl" : given(http) ? "http" : "tcp";
  }

  /** A new check is critical until something says otherwise. */
  @JsonIgnore
  String initialStatus() {
    return given(status) ? status : "critical";
  }

  static boolean given(String text) {
    return text != null && !text.isEmpty();
  }

  /** Go's notation, such as {@code 1m30s}; zero when absent or not a duration. */
  static Duration duration(String text) {
    if (!given(text)) {
      return Duration.ZERO;
    }
    Matcher part = GO_DURATION.matcher(text);
    long nanos = 0;
    int end = 0;
    while (part.find()) {
      if (part.start() != end) {
        return Duration.ZERO;
      }
      end = part.end();
      double unit =
          switch (part.group(2)) {
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
          };
      nanos += Math.round(Double.parseDouble(part.group(1)) * unit);
    }
    return end == text.length() ? Duration.ofNanos(nanos) : Duration.ZERO;
  }
}
