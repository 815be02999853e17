package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.RuntimeKind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A group and its quotas as users write them. */
public final class GroupDocument {
  private static final Form QUOTA =
      Form.of("Quota", "What a group may use of a pool: a guarantee, a limit, or both.")
          .may("guarantee", Value.object(ResourceDocument.FORM), "What it always gets.")
          .may(
              "lendable",
              Value.object(ResourceDocument.FORM),
              "What others may use of the guarantee meanwhile; all of it if it is left out.")
          .may(
              "limit",
              Value.object(ResourceDocument.LIMIT),
              "The most; the guarantee if it is left out.")
          .may("weight", Value.whole(1, Quota.MAX_WEIGHT), 1, "Its share of what is borrowed.");

  private static final Form POLICY =
      Form.of("Policy", "What the group's jobs may ask for.")
          .may("privileged", Value.bool(), false, "Whether containers may be privileged.")
          .may("mounts", Value.list(Value.text("/(?:.|\\n)*")), "Below which paths of the host.")
          .may(
              "maxPriority",
              Value.whole(0, GroupPolicy.MAX_PRIORITY),
              GroupPolicy.MAX_PRIORITY,
              "The highest.")
          .may("runtimes", Value.list(Value.word(runtimes())), "[docker] if it is left out.")
          .may(
              "networks",
              Value.list(Value.text("[*]|" + JobDocumentRules.NETWORK.pattern())),
              "Of containers; [bridge] if it is left out, * for all.")
          .may("enforce", Value.bool(), false, "Whether what runs against it is ended.");

  /** What its writer says, and what answers add. */
  public static final Form FORM =
      Form.of("Group", "Who may use how much of which pools.")
          .name(
              "path",
              Value.text(Names.PATH_FORM).atMost(Names.MAX_PATH),
              "Names from the top down, with dots between.",
              "write the group's path, such as weibo.feed")
          .may("description", Value.text(), "", "For people.")
          .may("department", Value.text(), "", "For people.")
          .may(
              "quotas",
              Value.map(Value.object(QUOTA)).keys(Names.NAME_FORM),
              "By pool; one that is left out may not be used.")
          .may(
              "totalLimit",
              Value.object(ResourceDocument.LIMIT),
              "Of all pools together; unlimited if it is left out.")
          .may("policy", Value.object(POLICY), "What its jobs may ask for.")
          .passesOver("version", "status", "effects");

  private GroupDocument() {}

  public static Group read(JsonNode node) {
    return read(Fields.of(node, FORM));
  }

  static Group read(Fields fields) {
    return new Group(
        fields.requireText("path"),
        fields.requireText("description"),
        fields.requireText("department"),
        fields.innerMap("quotas", GroupDocument::readQuota),
        fields.inner("totalLimit", ResourceDocument::readLimit).orElse(Limit.UNLIMITED),
        fields.inner("policy", GroupDocument::readPolicy).orElse(GroupPolicy.DEFAULT));
  }

  /**
   * Lendable defaults to the guarantee. A limit defaults to the guarantee too: a quota that has a
   * guarantee and no limit never borrows in the dimensions that it names.
   */
  private static Quota readQuota(Fields fields) {
    if (!fields.has("guarantee") && !fields.has("limit")) {
      throw new InvalidModelException(
          "", "it has neither a guarantee nor a limit", "write 'limit: {}' for no ceiling at all");
    }
    Resources guarantee = fields.inner("guarantee", ResourceDocument::read).orElse(Resources.ZERO);
    return new Quota(
        guarantee,
        fields.inner("lendable", ResourceDocument::read).orElse(guarantee),
        fields.inner("limit", ResourceDocument::readLimit).orElseGet(() -> limitAt(guarantee)),
        fields.integer("weight"));
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

  private static GroupPolicy readPolicy(Fields fields) {
    GroupPolicy usual = GroupPolicy.DEFAULT;
    return new GroupPolicy(
        fields.bool("privileged"),
        fields.list("mounts", GroupDocument::readMount),
        fields.integer("maxPriority"),
        fields.has("runtimes")
            ? fields.list("runtimes", GroupDocument::readRuntime)
            : usual.runtimes(),
        fields.has("networks")
            ? fields.list("networks", GroupDocument::readNetwork)
            : usual.networks(),
        fields.bool("enforce"));
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
    if (!List.of(runtimes()).contains(word)) {
      throw new InvalidModelException(
          "",
          "there is no runtime '" + Fields.cut(word) + "'",
          "write docker or process, or \"*\" for all there are");
    }
    return word;
  }

  private static String[] runtimes() {
    List<String> known = new ArrayList<>(List.of(GroupPolicy.ANY));
    for (RuntimeKind kind : RuntimeKind.values()) {
      known.add(Fields.word(kind));
    }
    return known.toArray(String[]::new);
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
