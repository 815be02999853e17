package io.springtide.harness.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.conformance.TraceRequests;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doors of master and agent take anything without hanging, leaking or dying. */
class HttpDoorFuzzTest {

  private static final int REQUESTS = 20_000;

  @TempDir Path dir;

  @Test
  void takesTwentyThousandRandomAndMutatedRequests() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("fuzz.seed=" + seed);
    Random random = new Random(seed);
    List<byte[]> seeds = TraceRequests.load();
    try (MesosEmulator mesos = MesosEmulator.start(EmulatorConfig.in(dir))) {
      AgentView agent = mesos.addAgent(AgentSpec.of("agent1", "cpus:4;mem:4096", Map.of()));
      mesos.awaitRegistered("agent1", Duration.ofSeconds(10));
      long threads = Thread.activeCount();
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      int sent = 0;
      while (sent < REQUESTS) {
        assertThat(System.nanoTime()).as("sent " + sent + " in time").isLessThan(end);
        int port = (random.nextBoolean() ? mesos.masterUri() : agent.uri()).getPort();
        sent += several(port, random, seeds, Math.min(50, REQUESTS - sent));
      }
      assertThat(healthy(mesos.masterUri())).isTrue();
      assertThat(healthy(agent.uri())).isTrue();
      assertThat(mesos.agent("agent1").state()).isEqualTo(AgentView.AgentState.REGISTERED);
      assertThat(Thread.activeCount()).isLessThan((int) threads + 20);
    }
  }

  /** Pipelines some requests on one connection and reads what comes, until the door closes it. */
  private static int several(int port, Random random, List<byte[]> seeds, int count)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1);
      InputStream in = socket.getInputStream();
      for (int i = 0; i < count; i++) {
        socket.getOutputStream().write(mutated(random, seeds));
        if (i % 10 == 9) {
          drain(in);
        }
      }
    } catch (SocketException e) {
      // The door has hung up on nonsense: that is its right.
    }
    return count;
  }

  private static void drain(InputStream in) throws IOException {
    byte[] buffer = new byte[65_536];
    try {
      while (in.read(buffer) > 0) {
        // Whatever it is.
      }
    } catch (SocketTimeoutException e) {
      // Nothing more for now.
    }
  }

  private static byte[] mutated(Random random, List<byte[]> seeds) {
    byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
    if (random.nextInt(20) == 0) {
      bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
    }
    for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static boolean healthy(URI uri) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri.resolve("/health"))
                    .version(HttpClient.Version.HTTP_1_1)
                    .timeout(Duration.ofSeconds(10))
                    .build(),
                HttpResponse.BodyHandlers.discarding())
            .statusCode()
        == 200;
  }
}
