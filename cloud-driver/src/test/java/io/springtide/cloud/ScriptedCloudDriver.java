package io.springtide.cloud;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A driver without a wire, straight onto a {@link ScriptedCloud}. */
class ScriptedCloudDriver implements CloudDriver {
  private final ScriptedCloud cloud;

  ScriptedCloudDriver(ScriptedCloud cloud) {
    this.cloud = cloud;
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public void check(Map<String, String> settings) {}

  @Override
  public List<CloudHost> order(OrderRequest r) throws CloudException {
    List<CloudHost> hosts =
        cloud.order(
            new ScriptedCloud.Order(
                r.token(),
                r.account().cluster(),
                r.pool(),
                r.count(),
                r.resources(),
                r.attributes()));
    answer();
    return hosts;
  }

  @Override
  public List<CloudHost> list(CloudAccount account) throws CloudException {
    List<CloudHost> hosts = cloud.list(account.cluster());
    answer();
    return hosts;
  }

  @Override
  public Set<String> release(CloudAccount account, Set<String> ids) throws CloudException {
    Set<String> unknown = new TreeSet<>();
    for (String id : ids) {
      if (!cloud.release(id)) {
        unknown.add(id);
      }
    }
    answer();
    return unknown;
  }

  @Override
  public void close() {}

  private void answer() throws CloudException {
    if (cloud.answerIsLost()) {
      throw new CloudException(CloudException.Fault.UNKNOWN_OUTCOME, "the answer was lost", null);
    }
  }
}
