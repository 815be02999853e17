package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.Resources;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A pool as users write it. */
public final class PoolDocument {
  private static final Value MONEY = Value.decimal(6, Pool.MOST_COST);

  private static final Form HOSTS =
      Form.of("PoolHosts", "How many hosts there may be.")
          .may("min", Value.whole(0, Pool.MAX_HOSTS), 0, "At least.")
          .may("max", Value.whole(0, Pool.MAX_HOSTS), Pool.MAX_HOSTS, "At most.");

  private static final Form BUFFER =
      Form.of("Buffer", "Room that is kept free: hosts or percent, not both.")
          .may("hosts", Value.whole(0, Pool.MAX_HOSTS), 0, "Hosts.")
          .may("percent", Value.whole(0, 100), 0, "Percent of its hosts.");

  private static final Form TEMPLATE =
      Form.of(
              "HostTemplate",
              "What is ordered; other keys are the driver's, each a text or number.")
          .must(
              "driver",
              Value.text().atLeast(1),
              "The cloud driver.",
              "name the cloud driver, such as aliyun-ecs or local")
          .may("resources", Value.object(ResourceDocument.FORM), "What a host will have.")
          .may("attributes", Value.map(Value.text()), "What its agent will say.")
          .others(Value.setting());

  /** What its writer says, and what answers add. */
  public static final Form FORM =
      Form.of("Pool", "Hosts of one place and one price.")
          .name("name", Value.text(Names.NAME_FORM), "Its name.", "name the pool, such as idc")
          .must("kind", Value.word(PoolKind.class), "How it is paid for.", words(PoolKind.class))
          .may("zone", Value.text(), "", "Where it is.")
          .may(
              "selector",
              Value.map(Value.text()),
              "Agents with these attributes are its hosts at first sight.")
          .may("hosts", Value.object(HOSTS), "How many hosts there may be.")
          .may("buffer", Value.object(BUFFER), "Room that is kept free.")
          .may(
              "placement",
              Value.word(FitPolicy.class),
              "pack for on-demand pools, spread for others, if it is left out.")
          .may("pricePerHour", MONEY, 0, "Of one host.")
          .may("idleAfter", Value.duration(), "10m", "Empty, before a host is given back.")
          .may("billingIncrement", Value.duration(), "1h", "What the cloud counts in.")
          .may("budgetPerHour", MONEY, "The most that its hosts may cost; no end if left out.")
          .may("template", Value.object(TEMPLATE), "Only where hosts can be ordered.")
          .may(
              "shared",
              Value.map(Value.amount()),
              "Scalars that all its hosts share: its instances take no more together.")
          .passesOver("version", "status", "effects");

  private PoolDocument() {}

  private static <E extends Enum<E>> String words(Class<E> type) {
    return "write one of " + String.join(", ", Value.word(type).words);
  }

  public static Pool read(JsonNode node) {
    return read(Fields.of(node, FORM));
  }

  static Pool read(Fields fields) {
    Hosts hosts = fields.inner("hosts", PoolDocument::readHosts).orElse(Hosts.ANY);
    Optional<Long> budget = fields.decimal("budgetPerHour");
    PoolKind kind = fields.word("kind", PoolKind.class);
    // Hosts paid by the hour are packed, so that some can be emptied; others share the load.
    FitPolicy usual = kind == PoolKind.ON_DEMAND ? FitPolicy.PACK : FitPolicy.SPREAD;
    return new Pool(
        fields.requireText("name"),
        kind,
        fields.requireText("zone"),
        fields.textMap("selector"),
        hosts.min(),
        hosts.max(),
        fields.inner("buffer", PoolDocument::readBuffer).orElse(Buffer.NONE),
        fields.oneOf("placement", FitPolicy.class, usual),
        fields.decimal("pricePerHour").orElse(0L),
        fields.span("idleAfter"),
        fields.span("billingIncrement"),
        budget.isPresent() ? OptionalLong.of(budget.get()) : OptionalLong.empty(),
        fields.inner("template", PoolDocument::readTemplate),
        new TreeMap<>(fields.map("shared", value -> Fields.asAmount("", value))));
  }

  private record Hosts(int min, int max) {
    static final Hosts ANY = new Hosts(0, Pool.MAX_HOSTS);
  }

  private static Hosts readHosts(Fields fields) {
    return new Hosts(fields.integer("min"), fields.integer("max"));
  }

  private static Buffer readBuffer(Fields fields) {
    return new Buffer(fields.integer("hosts"), fields.integer("percent"));
  }

  /** The driver's own keys are passed on as text: what they mean is the driver's to say. */
  private static HostTemplate readTemplate(Fields fields) {
    Map<String, String> settings = new HashMap<>();
    fields
        .others()
        .forEach(
            (key, value) -> {
              if (!value.isValueNode()) {
                throw new InvalidModelException(
                    key, "a driver's key has one value", "write a text or a number");
              }
              settings.put(key, value.asText());
            });
    return new HostTemplate(
        fields.requireText("driver"),
        fields.inner("resources", ResourceDocument::read).orElse(Resources.ZERO),
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
