package io.springtide.harness.emulator;

import static io.springtide.harness.emulator.Probes.cpus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.mesos.OperatorClient;
import io.springtide.mesos.ProtobufGencode;
import io.springtide.mesos.WireOptions;
import io.springtide.testing.Patience;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Response;
import org.apache.mesos.v1.quota.Protos.QuotaConfig;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Quotas and weights, set by an operator, in what frameworks are offered. */
class QuotaTest {

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;
  private MesosEmulator mesos;
  private OperatorClient operator;
  private final List<SchedulerProbe> schedulers = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    mesos = QuickMesos.in(dir);
    operator = new OperatorClient(mesos.masterUri().toString(), WireOptions.defaults());
  }

  @AfterEach
  void stop() {
    schedulers.forEach(SchedulerProbe::close);
    operator.close();
    mesos.close();
  }

  private void agents(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      QuickMesos.join(mesos, "agent" + i, "cpus:4;mem:4096");
    }
  }

  private SchedulerProbe framework(String role) {
    SchedulerProbe probe =
        new SchedulerProbe(
            mesos.masterUri(),
            SchedulerProbe.framework(role).toBuilder().clearRoles().addRoles(role).build());
    schedulers.add(probe);
    return probe;
  }

  private Response ask(Call.Builder call) throws Exception {
    return operator.master(call.build()).get(Patience.seconds(), TimeUnit.SECONDS);
  }

  private static Value.Scalar amount(double value) {
    return Value.Scalar.newBuilder().setValue(value).build();
  }

  private static Call.Builder update(boolean force, QuotaConfig.Builder... quotas) {
    Call.Builder call = Call.newBuilder().setType(Call.Type.UPDATE_QUOTA);
    call.getUpdateQuotaBuilder().setForce(force);
    for (QuotaConfig.Builder quota : quotas) {
      call.getUpdateQuotaBuilder().addQuotaConfigs(quota);
    }
    return call;
  }

  @Test
  void aRoleIsOfferedNoMoreThanItsLimit() throws Exception {
    agents(1);
    ask(update(false, QuotaConfig.newBuilder().setRole("a").putLimits("cpus", amount(1.5))));
    assertThat(cpus(framework("a").offer())).isEqualTo(1.5);
    assertThat(cpus(framework("b").offer())).as("the rest is for others").isEqualTo(2.5);
  }

  @Test
  void aLimitThatComesLaterTakesOffersBack() throws Exception {
    agents(1);
    SchedulerProbe a = framework("a");
    assertThat(cpus(a.offer())).isEqualTo(4);
    ask(update(false, QuotaConfig.newBuilder().setRole("a").putLimits("cpus", amount(1))));
    a.await(event -> event.getType() == Event.Type.RESCIND);
    assertThat(cpus(a.offer())).isEqualTo(1);
  }

  @Test
  void whatIsGuaranteedIsKeptForARoleThatIsNotThereYet() throws Exception {
    agents(1);
    ask(
        update(
            false,
            QuotaConfig.newBuilder()
                .setRole("b")
                .putGuarantees("cpus", amount(3))
                .putLimits("cpus", amount(3))));
    assertThat(cpus(framework("a").offer())).isEqualTo(1);
    assertThat(cpus(framework("b").offer())).isEqualTo(3);
  }

  @Test
  void aRoleOfTwiceTheWeightGetsTwiceAsMuch() throws Exception {
    Call.Builder weights = Call.newBuilder().setType(Call.Type.UPDATE_WEIGHTS);
    weights.getUpdateWeightsBuilder().addWeightInfosBuilder().setRole("heavy").setWeight(2);
    ask(weights);
    SchedulerProbe heavy = framework("heavy");
    SchedulerProbe light = framework("light");
    heavy.await(event -> event.getType() == Event.Type.SUBSCRIBED);
    light.await(event -> event.getType() == Event.Type.SUBSCRIBED);
    agents(6);
    int offers = 0;
    while (offers < 4) {
      offers +=
          heavy.await(event -> event.getType() == Event.Type.OFFERS).getOffers().getOffersCount();
    }
    assertThat(offers).isEqualTo(4);
    int others = 0;
    while (others < 2) {
      others +=
          light.await(event -> event.getType() == Event.Type.OFFERS).getOffers().getOffersCount();
    }
    assertThat(others).isEqualTo(2);
    Response shown = ask(Call.newBuilder().setType(Call.Type.GET_WEIGHTS));
    assertThat(shown.getGetWeights().getWeightInfos(0).getWeight()).isEqualTo(2);
  }

  @Test
  @SuppressWarnings("deprecation") // REMOVE_QUOTA is still answered.
  void whatMakesNoSenseIsRefusedInMesosWords() throws Exception {
    agents(1);
    QuotaConfig.Builder tooMuch =
        QuotaConfig.newBuilder().setRole("a").putGuarantees("cpus", amount(5));
    assertThatThrownBy(() -> ask(update(false, tooMuch)))
        .hasMessageContaining(
            "Invalid QuotaConfig: total quota guarantees 'cpus:5' exceed cluster capacity"
                + " 'cpus:4; mem:4096' (use 'force' flag to bypass this check)");
    ask(update(true, tooMuch));
    Response status = ask(Call.newBuilder().setType(Call.Type.GET_QUOTA));
    assertThat(status.getGetQuota().getStatus().getConfigs(0)).isEqualTo(tooMuch.build());

    assertThatThrownBy(
            () ->
                ask(
                    update(
                        false,
                        QuotaConfig.newBuilder()
                            .setRole("b")
                            .putGuarantees("cpus", amount(2))
                            .putLimits("cpus", amount(1)))))
        .hasMessageContaining("'QuotaConfig.guarantees' { cpus: 2 } is not contained within");
    assertThatThrownBy(
            () ->
                ask(
                    update(
                        false,
                        QuotaConfig.newBuilder().setRole("a/b").putLimits("cpus", amount(1)))))
        .hasMessageContaining("Updating quota on nested role 'a/b' is not supported yet");
    Call.Builder weights = Call.newBuilder().setType(Call.Type.UPDATE_WEIGHTS);
    weights.getUpdateWeightsBuilder().addWeightInfosBuilder().setRole("a").setWeight(0);
    assertThatThrownBy(() -> ask(weights)).hasMessageContaining("Weights must be positive");

    Call.Builder remove = Call.newBuilder().setType(Call.Type.REMOVE_QUOTA);
    remove.getRemoveQuotaBuilder().setRole("a");
    ask(remove);
    assertThatThrownBy(() -> ask(remove)).hasMessageContaining("Role 'a' has no quota set");
  }
}
