package io.springtide.harness.consul;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The body of {@code PUT /v1/agent/service/register}; what it does not name is refused. */
record ServiceRegistration(
    @JsonProperty("ID") String givenId,
    @JsonProperty("Name") String name,
    @JsonProperty("Tags") List<String> tags,
    @JsonProperty("Meta") Map<String, String> meta,
    @JsonProperty("Address") String address,
    @JsonProperty("Port") int port,
    @JsonProperty("Weights") Weights weights,
    @JsonProperty("EnableTagOverride") boolean enableTagOverride,
    @JsonProperty("Check") Check check,
    @JsonProperty("Checks") List<Check> checks) {

  record Weights(
      @JsonProperty("Passing") Integer passing, @JsonProperty("Warning") Integer warning) {}

  ServiceRegistration {
    tags = tags == null ? List.of() : List.copyOf(tags);
    meta = meta == null ? Map.of() : Map.copyOf(meta);
    address = address == null ? "" : address;
    checks = checks == null ? List.of() : List.copyOf(checks);
    weights = weights == null ? new Weights(1, 1) : weights;
  }

  @JsonIgnore
  String id() {
    return Check.given(givenId) ? givenId : name;
  }

  /** Its checks by id: {@code service:<id>}, and {@code service:<id>:<n>} where there are many. */
  @JsonIgnore
  List<Named> namedChecks() {
    var all = new ArrayList<Check>();
    if (check != null) {
      all.add(check);
    }
    all.addAll(checks);
    var named = new ArrayList<Named>();
    for (int i = 0; i < all.size(); i++) {
      Check c = all.get(i);
      String fallback = "service:" + id() + (all.size() == 1 ? "" : ":" + (i + 1));
      named.add(
          new Named(
              Check.given(c.checkId()) ? c.checkId() : Check.given(c.id()) ? c.id() : fallback, c));
    }
    return named;
  }

  record Named(String id, Check check) {}
}
