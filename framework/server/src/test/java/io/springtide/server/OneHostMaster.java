package io.springtide.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** A Mesos master on loopback: one framework subscribes, one host is offered to it. */
final class OneHostMaster implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final HttpServer server;
  private volatile String authorization = "";
  private volatile OutputStream events;

  OneHostMaster() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/api/v1/scheduler", this::scheduler);
    // The operator's API is not for everybody.
    server.createContext("/", exchange -> exchange.sendResponseHeaders(403, -1));
    server.start();
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** The header of who subscribed; empty without one. */
  String authorization() {
    return authorization;
  }

  Call subscribed() throws InterruptedException {
    return next(Call.Type.SUBSCRIBE);
  }

  /** Offers the host, with all that hosts can have; returns the first task that comes there. */
  TaskInfo offer(String role) throws IOException, InterruptedException {
    Event.Builder event = Event.newBuilder().setType(Event.Type.OFFERS);
    Offer.Builder offer = event.getOffersBuilder().addOffersBuilder();
    offer.getIdBuilder().setValue("O1");
    offer.getFrameworkIdBuilder().setValue("F1");
    offer.getAgentIdBuilder().setValue("A1");
    offer.setHostname("one.example");
    offer.getUrlBuilder().setScheme("http").getAddressBuilder().setIp("127.0.0.1").setPort(5051);
    offer
        .addAttributesBuilder()
        .setName("place")
        .setType(Value.Type.TEXT)
        .getTextBuilder()
        .setValue("idc");
    for (String name : List.of("cpus", "mem", "disk", "gpus", "licences")) {
      Resource.Builder resource = offer.addResourcesBuilder().setName(name);
      resource.setType(Value.Type.SCALAR).getScalarBuilder().setValue(8192);
      resource.getAllocationInfoBuilder().setRole(role);
    }
    say(event.build());
    return next(Call.Type.ACCEPT).getAccept().getOperations(0).getLaunch().getTaskInfos(0);
  }

  private Call next(Call.Type type) throws InterruptedException {
    while (true) {
      Call call = calls.poll(Patience.seconds(), TimeUnit.SECONDS);
      assertThat(call).as("a " + type).isNotNull();
      if (call.getType() == type) {
        return call;
      }
    }
  }

  private void scheduler(HttpExchange exchange) throws IOException {
    Call call = Call.parseFrom(exchange.getRequestBody().readAllBytes());
    if (call.getType() != Call.Type.SUBSCRIBE) {
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
      calls.add(call);
      return;
    }
    String credential = exchange.getRequestHeaders().getFirst("Authorization");
    authorization = credential == null ? "" : credential;
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.getResponseHeaders().set("Mesos-Stream-Id", "s1");
    exchange.sendResponseHeaders(200, 0);
    events = exchange.getResponseBody();
    Event.Builder event = Event.newBuilder().setType(Event.Type.SUBSCRIBED);
    event.getSubscribedBuilder().setHeartbeatIntervalSeconds(600);
    event.getSubscribedBuilder().getFrameworkIdBuilder().setValue("F1");
    say(event.build());
    calls.add(call);
  }

  private void say(MessageLite event) throws IOException {
    byte[] bytes = event.toByteArray();
    events.write((bytes.length + "\n").getBytes(US_ASCII));
    events.write(bytes);
    events.flush();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
