package io.springtide.executor.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.executor.loop.ExecutorLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One entry and what should become of it. One request at a time; when it is answered, the next step
 * is chosen by what is wanted <em>then</em>, so no retry ever carries out an old wish. Gone is
 * final: an entry's id holds task and generation, and neither is ever used again.
 */
final class ConsulEntry implements Announcement {
  /** How long a stop waits for Consul. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(ConsulEntry.class);

  private enum Wish {
    FAILING,
    PASSING,
    GONE
  }

  private final ExecutorLoop loop;
  private final ConsulAgent agent;
  private final ConsulRegistration registration;
  private final Runnable forget;

  private Wish wish = Wish.FAILING;
  private String note = "starting";
  private boolean registered;
  private boolean settled; // whether Consul has what is wanted
  private boolean busy;
  private Duration registeredAt = Duration.ZERO;
  private Duration retry = FIRST_RETRY;
  private ExecutorLoop.Timer retryTimer = () -> {};
  private CompletableFuture<Void> withdrawn = new CompletableFuture<>();

  ConsulEntry(
      ExecutorLoop loop, ConsulAgent agent, ConsulRegistration registration, Runnable forget) {
    this.loop = loop;
    this.agent = agent;
    this.registration = registration;
    this.forget = forget;
  }

  @Override
  public void passing() {
    want(Wish.PASSING, "");
  }

  @Override
  public void failing(String why) {
    want(Wish.FAILING, why);
  }

  @Override
  public CompletionStage<Void> withdraw() {
    if (wish == Wish.GONE && settled) {
      withdrawn = new CompletableFuture<>();
    }
    var waitedFor = withdrawn;
    loop.after(
        PATIENCE,
        () -> {
          if (waitedFor.complete(null)) {
            log.warn(
                "consul did not confirm the withdrawal of {}; the stop goes on", registration.id());
          }
        });
    wish = Wish.GONE;
    settled = false;
    hurry();
    return waitedFor;
  }

  private void want(Wish next, String why) {
    if (wish == Wish.GONE || (wish == next && settled)) {
      return;
    }
    wish = next;
    note = why;
    settled = false;
    hurry();
  }

  /** The executor is alive: renews the TTL. */
  void heartbeat() {
    if (wish == Wish.PASSING) {
      settled = false;
      step();
    }
  }

  /** The agent's list, asked for at {@code asked}. */
  void compare(JsonNode services, Duration asked) {
    if (wish == Wish.GONE || !registered || registeredAt.compareTo(asked) >= 0) {
      return;
    }
    JsonNode found = services.get(registration.id());
    if (found == null || !registration.equalTo(found)) {
      log.info(
          "consul service {} {}: registering it again",
          registration.id(),
          found == null ? "has gone" : "was changed");
      registered = false;
      settled = false;
      step();
    }
  }

  private void hurry() {
    retry = FIRST_RETRY;
    retryTimer.cancel();
    step();
  }

  private void step() {
    if (busy || settled) {
      return;
    }
    busy = true;
    switch (wish) {
      case GONE -> loop.when(agent.deregister(registration.id()), (done, error) -> gone(error));
      case PASSING, FAILING -> {
        if (registered) {
          setCheck(wish);
        } else {
          register();
        }
      }
    }
  }

  private void register() {
    loop.when(
        agent.register(registration.document()),
        (done, error) -> {
          busy = false;
          if (error != null) {
            again("register", error);
            return;
          }
          registered = true;
          registeredAt = loop.now();
          // A registration keeps the state that an earlier one's check had: say what it is now.
          step();
        });
  }

  private void setCheck(Wish wanted) {
    var said =
        wanted == Wish.PASSING
            ? agent.pass(registration.aliveCheck())
            : agent.fail(registration.aliveCheck(), note);
    loop.when(
        said,
        (done, error) -> {
          busy = false;
          if (error instanceof ConsulFailure) {
            registered =
                false; // it does not know the check: it has restarted, or somebody deleted it
          }
          if (error != null) {
            again("set the check of", error);
            return;
          }
          retry = FIRST_RETRY;
          if (wish == wanted) {
            settled = true;
          } else {
            step();
          }
        });
  }

  private void gone(Throwable error) {
    busy = false;
    if (error != null) {
      again("withdraw", error);
      return;
    }
    registered = false;
    settled = true;
    forget.run();
    withdrawn.complete(null);
  }

  private void again(String what, Throwable error) {
    log.warn(
        "consul: could not {} {}, trying again in {} ms: {}",
        what,
        registration.id(),
        retry.toMillis(),
        error.toString());
    retryTimer.cancel();
    retryTimer = loop.after(retry, this::step);
    retry = retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
  }
}
