package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.RuntimeKind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A group and its quotas as users write them. */
public final class GroupDocument {
  private GroupDocument() {}

  public static Group read(JsonNode node) {
    Fields fields =
        Fields.of(
            node,
            "path",
            "description",
            "department",
            "quotas",
            "totalLimit",
            "policy",
            "version",
            "effects");
    return new Group(
        fields.requireText("path", "write the group's path, such as weibo.feed"),
        fields.text("description", ""),
        fields.text("department", ""),
        fields.map("quotas", GroupDocument::readQuota),
        fields.object("totalLimit", ResourceDocument::readLimit, Limit.UNLIMITED),
        fields.object("policy", GroupDocument::readPolicy, GroupPolicy.DEFAULT));
  }

  /**
   * Lendable defaults to the guarantee. A limit defaults to the guarantee too: a quota that has a
   * guarantee and no limit never borrows in the dimensions that it names.
   */
  private static Quota readQuota(JsonNode node) {
    Fields fields = Fields.of(node, "guarantee", "lendable", "limit", "weight");
    if (!fields.has("guarantee") && !fields.has("limit")) {
      throw new InvalidModelException(
          "", "it has neither a guarantee nor a limit", "write 'limit: {}' for no ceiling at all");
    }
    Resources guarantee = fields.object("guarantee", ResourceDocument::read, Resources.ZERO);
    return new Quota(
        guarantee,
        fields.object("lendable", ResourceDocument::read, guarantee),
        fields.object("limit", ResourceDocument::readLimit).orElseGet(() -> limitAt(guarantee)),
        fields.integer("weight", 1, 1, Quota.MAX_WEIGHT));
  }

  private static Limit limitAt(Resources guarantee) {
    TreeMap<String, Long> dimensions = new TreeMap<>(guarantee.scalars());
    for (String name : new String[] {"cpus", "memoryMiB", "diskMiB", "gpus"}) {
      long amount = guarantee.amount(name);
      if (amount > 0) {
        dimensions.put(name, amount);
      }
    }
    return new Limit(dimensions);
  }

  private static GroupPolicy readPolicy(JsonNode node) {
    Fields fields =
        Fields.of(node, "privileged", "mounts", "maxPriority", "runtimes", "networks", "enforce");
    GroupPolicy usual = GroupPolicy.DEFAULT;
    return new GroupPolicy(
        fields.bool("privileged", false),
        fields.list("mounts", GroupDocument::readMount),
        fields.integer("maxPriority", GroupPolicy.MAX_PRIORITY, 0, GroupPolicy.MAX_PRIORITY),
        fields.has("runtimes")
            ? fields.list("runtimes", GroupDocument::readRuntime)
            : usual.runtimes(),
        fields.has("networks")
            ? fields.list("networks", GroupDocument::readNetwork)
            : usual.networks(),
        fields.bool("enforce", false));
  }

  private static String readMount(JsonNode node) {
    String path = Fields.asText("", node);
    try {
      // The record knows what a path of the host is.
      new MountSpec(path, "/x", true);
    } catch (InvalidModelException e) {
      throw new InvalidModelException("", e.getMessage(), e.fix());
    }
    return path;
  }

  private static String readRuntime(JsonNode node) {
    String word = Fields.asText("", node);
    List<String> known = new ArrayList<>(List.of(GroupPolicy.ANY));
    for (RuntimeKind kind : RuntimeKind.values()) {
      known.add(Fields.word(kind));
    }
    if (!known.contains(word)) {
      throw new InvalidModelException(
          "",
          "there is no runtime '" + Fields.cut(word) + "'",
          "write docker or process, or \"*\" for all there are");
    }
    return word;
  }

  private static String readNetwork(JsonNode node) {
    String name = Fields.asText("", node);
    return name.equals(GroupPolicy.ANY) ? name : JobDocumentRules.requireNetwork("", name);
  }

  public static ObjectNode write(Group group) {
    ObjectNode node = Documents.object();
    node.put("path", group.path());
    if (!group.description().isEmpty()) {
      node.put("description", group.description());
    }
    if (!group.department().isEmpty()) {
      node.put("department", group.department());
    }
    ObjectNode quotas = node.putObject("quotas");
    group
        .quotas()
        .forEach(
            (pool, quota) -> {
              ObjectNode to = quotas.putObject(pool);
              to.set("guarantee", ResourceDocument.write(quota.guarantee()));
              to.set("lendable", ResourceDocument.write(quota.lendable()));
              to.set("limit", ResourceDocument.write(quota.limit()));
              to.put("weight", quota.weight());
            });
    if (!group.totalLimit().equals(Limit.UNLIMITED)) {
      node.set("totalLimit", ResourceDocument.write(group.totalLimit()));
    }
    ObjectNode policy = node.putObject("policy");
    policy.put("privileged", group.policy().privileged());
    Texts.put(policy, "mounts", group.policy().mounts());
    policy.put("maxPriority", group.policy().maxPriority());
    // Written even if empty: absent reads as the usual ones.
    group.policy().runtimes().forEach(policy.putArray("runtimes")::add);
    group.policy().networks().forEach(policy.putArray("networks")::add);
    policy.put("enforce", group.policy().enforce());
    return node;
  }
}
