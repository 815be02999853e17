package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** A pool as users write it. */
public final class PoolDocument {
  private static final Duration IDLE_AFTER = Duration.ofMinutes(10);
  private static final Duration BILLING_INCREMENT = Duration.ofHours(1);
  private static final int MONEY_DECIMALS = 6;

  private PoolDocument() {}

  public static Pool read(JsonNode node) {
    Fields fields =
        Fields.of(
            node,
            "name",
            "kind",
            "zone",
            "selector",
            "hosts",
            "buffer",
            "placement",
            "pricePerHour",
            "idleAfter",
            "billingIncrement",
            "budgetPerHour",
            "template",
            "shared",
            "version",
            "status",
            "effects");
    Hosts hosts = fields.object("hosts", PoolDocument::readHosts, Hosts.ANY);
    Optional<Long> budget = fields.decimal("budgetPerHour", MONEY_DECIMALS);
    PoolKind kind = fields.requireOneOf("kind", PoolKind.class);
    // Hosts paid by the hour are packed, so that some can be emptied; others share the load.
    FitPolicy usual = kind == PoolKind.ON_DEMAND ? FitPolicy.PACK : FitPolicy.SPREAD;
    return new Pool(
        fields.requireText("name", "name the pool, such as idc"),
        kind,
        fields.text("zone", ""),
        fields.textMap("selector"),
        hosts.min(),
        hosts.max(),
        fields.object("buffer", PoolDocument::readBuffer, Buffer.NONE),
        fields.oneOf("placement", FitPolicy.class, usual),
        fields.decimal("pricePerHour", MONEY_DECIMALS).orElse(0L),
        fields.duration("idleAfter", IDLE_AFTER),
        fields.duration("billingIncrement", BILLING_INCREMENT),
        budget.isPresent() ? OptionalLong.of(budget.get()) : OptionalLong.empty(),
        fields.object("template", PoolDocument::readTemplate),
        new TreeMap<>(fields.map("shared", value -> Fields.asAmount("", value))));
  }

  private record Hosts(int min, int max) {
    static final Hosts ANY = new Hosts(0, Pool.MAX_HOSTS);
  }

  private static Hosts readHosts(JsonNode node) {
    Fields fields = Fields.of(node, "min", "max");
    return new Hosts(
        fields.integer("min", 0, 0, Pool.MAX_HOSTS),
        fields.integer("max", Pool.MAX_HOSTS, 0, Pool.MAX_HOSTS));
  }

  private static Buffer readBuffer(JsonNode node) {
    Fields fields = Fields.of(node, "hosts", "percent");
    return new Buffer(
        fields.integer("hosts", 0, 0, Pool.MAX_HOSTS), fields.integer("percent", 0, 0, 100));
  }

  /** The driver's own keys are passed on as text: what they mean is the driver's to say. */
  private static HostTemplate readTemplate(JsonNode node) {
    if (!node.isObject()) {
      Fields.of(node, "driver", "resources", "attributes");
    }
    Map<String, String> settings = new HashMap<>();
    ObjectNode ours = Documents.object();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (Set.of("driver", "resources", "attributes").contains(field.getKey())) {
        ours.set(field.getKey(), field.getValue());
      } else if (field.getValue().isValueNode() && !field.getValue().isNull()) {
        settings.put(field.getKey(), field.getValue().asText());
      } else {
        throw new InvalidModelException(
            field.getKey(), "a driver's key has one value", "write a text or a number");
      }
    }
    Fields fields = Fields.of(ours, "driver", "resources", "attributes");
    return new HostTemplate(
        fields.requireText("driver", "name the cloud driver, such as aliyun-ecs or local"),
        fields.object("resources", ResourceDocument::read, Resources.ZERO),
        fields.textMap("attributes"),
        settings);
  }

  public static ObjectNode write(Pool pool) {
    ObjectNode node = Documents.object();
    node.put("name", pool.name());
    node.put("kind", Fields.word(pool.kind()));
    if (!pool.zone().isEmpty()) {
      node.put("zone", pool.zone());
    }
    Texts.put(node, "selector", pool.selector());
    node.putObject("hosts").put("min", pool.minHosts()).put("max", pool.maxHosts());
    if (pool.buffer().hosts() > 0) {
      node.putObject("buffer").put("hosts", pool.buffer().hosts());
    } else if (pool.buffer().percent() > 0) {
      node.putObject("buffer").put("percent", pool.buffer().percent());
    }
    node.put("placement", Fields.word(pool.placement()));
    node.put("pricePerHour", ResourceDocument.money(pool.microsPerHour()));
    node.put("idleAfter", DurationText.format(pool.idleAfter()));
    node.put("billingIncrement", DurationText.format(pool.billingIncrement()));
    pool.budgetMicrosPerHour()
        .ifPresent(micros -> node.put("budgetPerHour", ResourceDocument.money(micros)));
    pool.template()
        .ifPresent(
            template -> {
              ObjectNode to = node.putObject("template").put("driver", template.driver());
              to.set("resources", ResourceDocument.write(template.resources()));
              Texts.put(to, "attributes", template.attributes());
              template.settings().forEach(to::put);
            });
    if (!pool.shared().isEmpty()) {
      ObjectNode shared = node.putObject("shared");
      pool.shared().forEach(shared::put);
    }
    return node;
  }
}
