package io.springtide.harness.bench.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command as somebody who judges it from outside uses it. */
class PlacementBenchTest {
  private static final String HOSTS = "host,cpu_milli,memory_mib,rack,zone\n";
  private static final String INSTANCES = "instance,job,cpu_milli,memory_mib\n";

  @TempDir private Path dir;

  private int status;
  private String complaint = "";

  @Test
  void aTraceIsPlacedInItsOrderAndWhatDoesNotFitIsCounted() throws Exception {
    JsonNode result =
        trace(
            HOSTS + "h1,1000,1000,r1,z1\nh2,2000,500,r2,z2\n",
            INSTANCES + "a,j,1500,100\nb,j,1000,100\nc,k,900,900\nd,k,1,1\n");

    assertThat(result.path("placed").asInt()).isEqualTo(3);
    assertThat(result.path("refused").asInt()).isEqualTo(1);
    assertThat(result.path("violations").asInt()).isZero();
    assertThat(result.path("cpuAllocatedPercent").asDouble()).isEqualTo(83.37);
    assertThat(Files.readAllLines(dir.resolve("out.csv")))
        .startsWith("instance,host", "a,h2", "b,h1")
        .hasSize(4);
  }

  @Test
  void gpusAreAColumnThatAFileMayHave() throws Exception {
    JsonNode result =
        trace(
            HOSTS.replace("\n", ",gpus\n") + "h1,1000,1000,r1,z1,0\nh2,1000,1000,r1,z1,2\n",
            INSTANCES.replace("\n", ",gpus\n") + "a,j,100,100,0\nb,k,100,100,2\nc,k,100,100,1\n");

    assertThat(result.path("refused").asInt()).isEqualTo(1);
    assertThat(result.path("violations").asInt()).isZero();
    assertThat(Files.readAllLines(dir.resolve("out.csv"))).contains("a,h1", "b,h2").hasSize(3);
  }

  @Test
  void hostsOfUnequalSizeAreFewInWhateverOrderInstancesCome() throws Exception {
    Random random = new Random(7);
    int[] sizes = {128_000, 96_000, 96_000, 96_000, 64_000, 64_000, 32_000, 16_000};
    StringBuilder hosts = new StringBuilder(HOSTS);
    for (int i = 0; i < 400; i++) {
      int cpus = i % 25 == 0 ? sizes[0] : sizes[1 + random.nextInt(sizes.length - 1)];
      hosts.append("h%03d,%d,%d,r,z%n".formatted(i, cpus, cpus * 4));
    }
    List<String> instances = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      int cpus = new int[] {2_000, 3_000, 8_000, 11_000, 12_000}[random.nextInt(5)];
      instances.add("i%04d,j,%d,%d".formatted(i, cpus, cpus * 2));
    }
    // The last of all needs the largest size there is.
    instances.add("last,j,120000,200000");
    String text = INSTANCES + String.join("\n", instances) + "\n";

    JsonNode inOrder = trace(hosts.toString(), text);
    assertThat(inOrder.path("refused").asInt()).isZero();
    assertThat(inOrder.path("ratioToLowerBound").asDouble()).isBetween(1.0, 1.1);
    JsonNode atOnce =
        run(
            "--packing",
            "--hosts-file=" + dir.resolve("hosts.csv"),
            "--instances-file=" + dir.resolve("instances.csv"));
    assertThat(atOnce.path("refused").asInt()).isZero();
    assertThat(atOnce.path("ratioToLowerBound").asDouble()).isBetween(1.0, 1.03);
  }

  @Test
  void nothingToPlaceAndNowhereToPlaceItAreNoErrors() throws Exception {
    assertThat(trace(HOSTS, INSTANCES).path("placed").asInt()).isZero();
    JsonNode nowhere = trace(HOSTS, INSTANCES + "a,j,1,1\n");
    assertThat(nowhere.path("refused").asInt()).isEqualTo(1);
    assertThat(nowhere.path("cpuAllocatedPercent").asDouble()).isZero();
    JsonNode nothing = trace(HOSTS + "h,8,8,r,z\n", INSTANCES);
    assertThat(nothing.path("placed").asInt() + nothing.path("refused").asInt()).isZero();
  }

  @Test
  void hostsWithoutCapacityAndHugeInstancesAreRefusedOnes() throws Exception {
    JsonNode result =
        trace(
            HOSTS + "none,0,0,r,z\nlarge,1099511627776,1099511627776,,\n",
            INSTANCES + "huge,j,281474976710656,1\nlarge,j,1099511627776,1\nno-cpu,j,0,5\n");
    assertThat(result.path("placed").asInt()).isEqualTo(2);
    assertThat(result.path("refused").asInt()).isEqualTo(1);
    assertThat(result.path("violations").asInt()).isZero();
  }

  @Test
  void fractionsAreRoundedSoThatNothingIsPlacedThatDoesNotFit() throws Exception {
    JsonNode result = trace(HOSTS + "h,2.9,100,r,z\n", INSTANCES + "a,j,1.2,1\nb,j,0.5,1\n");
    assertThat(result.path("placed").asInt()).isEqualTo(1);
  }

  @Test
  void columnsAreFoundByNameAndWindowsFilesAreRead() throws Exception {
    JsonNode result =
        trace(
            "\ufeffzone,rack,host,memory_mib,cpu_milli,note\r\nz,r,h,9,1,x\r\n\r\n",
            INSTANCES + " a , j , 1 , 9 \r\n");
    assertThat(result.path("placed").asInt()).isEqualTo(1);
  }

  @Test
  void cellsInQuotesHoldCommasQuotesAndLineBreaksAndComeOutAsTheyWentIn() throws Exception {
    JsonNode result =
        trace(
            "\n" + HOSTS + "\n\"h,1\",9,9,\"r \"\"1\"\"\",z\n\n",
            INSTANCES + "\"a\nb\", j , \"1\" ,1\n\n c ,j,1,1");
    assertThat(result.path("placed").asInt()).isEqualTo(2);
    assertThat(Files.readString(dir.resolve("out.csv")))
        .isEqualTo("instance,host\n\"a\nb\",\"h,1\"\nc,\"h,1\"\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|the file is empty|begin it with the line host",
        "h,8,8,r,z|line 1|there is no column host",
        "host,cpu_milli,memory_mib,rack,zone;h,8,8,r|line 2|4 cells where the header has 5",
        "host,cpu_milli,memory_mib,rack,zone;h,x,8,r,z|line 2, column cpu_milli|'x' is not",
        "host,cpu_milli,memory_mib,rack,zone;h,1,-8,r,z|line 2, column memory_mib|out of range",
        "host,cpu_milli,memory_mib,rack,zone;h,1,1e999999999,r,z|memory_mib|out of range",
        "host,cpu_milli,memory_mib,rack,zone;h,NaN,8,r,z|column cpu_milli|not a number",
        "host,cpu_milli,memory_mib,rack,zone;h,1,1,r,z;h,1,1,r,z|line 3, column host|line 2",
        "host,cpu_milli,memory_mib,rack,zone;,1,1,r,z|line 2, column host|it is empty",
        "host,cpu_milli,memory_mib,rack,zone;h,1e-999999999,1,r,z|column cpu_milli|decimals",
        "host,cpu_milli,memory_mib,rack,zone;;\"h,1,1,r,z|line 3|a quote is not closed",
        "host,cpu_milli,memory_mib,rack,zone;\"h\"x,1,1,r,z|line 2|follows a closing quote",
      })
  void aBadFileOfHostsIsRefusedWithLineColumnAndFix(String hosts, String one, String two)
      throws Exception {
    trace(hosts.replace(";", "\n"), INSTANCES);
    assertThat(status).isEqualTo(2);
    assertThat(complaint).contains("hosts.csv", one, two == null ? "" : two, ";");
    assertThat(complaint).doesNotContain("Exception");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,j,0,0|line 2, column cpu_milli|takes nothing",
        "a,j,1,1;a,j,2,2|line 3, column instance|line 2 already",
        "a,,1,1|line 2, column job|it is empty",
        "a,j,1,1;b,j,99999999999999999999,1|line 3, column cpu_milli|out of range",
      })
  void aBadFileOfInstancesIsRefusedToo(String rows, String one, String two) throws Exception {
    trace(HOSTS + "h,8,8,r,z\n", INSTANCES + rows.replace(";", "\n"));
    assertThat(status).isEqualTo(2);
    assertThat(complaint).contains("instances.csv", one, two);
  }

  @Test
  void whatCannotBeReadOrWrittenIsNamed() throws Exception {
    run("--hosts-file", dir.resolve("no.csv").toString(), "--instances-file", dir.toString());
    assertThat(complaint).contains("no.csv", "there is no such file");
    run("--hosts", "1", "--out", dir.resolve("no/such/dir.csv").toString());
    assertThat(complaint).contains("--out", "cannot be written");
    run("--hosts-file", dir.toString());
    assertThat(complaint).contains("go together");
    run("--hosts", "0");
    assertThat(complaint).contains("--hosts 0 is out of range");
  }

  @Test
  void theGeneratedWorkIsPlacedWholeAndTheFilesOfItSayWhere() throws Exception {
    JsonNode result =
        run(
            "--hosts=120",
            "--instances=6000",
            "--runs=1",
            "--warm-ups=0",
            "--fenzo-instances=200",
            "--out=" + dir.resolve("out.csv"));
    assertThat(result.path("placed").asInt()).isEqualTo(6_000);
    assertThat(result.path("violations").asInt()).isZero();
    assertThat(result.path("fenzoPlaced").asInt()).isEqualTo(200);
    assertThat(List.of("placementsPerSecond", "p50Micros", "p99Micros", "batch1000P99Micros"))
        .allMatch(field -> result.path(field).asDouble() > 0);
    assertThat(Files.readAllLines(dir.resolve("out.csv"))).hasSize(6_001);
    assertThat(Files.readAllLines(dir.resolve("out.csv.instances.csv"))).hasSize(6_001);
    assertThat(Files.readAllLines(dir.resolve("out.csv.hosts.csv"))).hasSize(121);
  }

  @Test
  void onHeldOffersWithPortsItIsPlacedWholeToo() throws Exception {
    JsonNode result =
        run("--offers", "--hosts=120", "--runs=1", "--warm-ups=0", "--fenzo-instances=0");
    assertThat(result.path("offers").asBoolean()).isTrue();
    assertThat(result.path("placed").asInt()).isEqualTo(12_000);
    assertThat(result.path("violations").asInt()).isZero();
  }

  @Test
  void packingComesCloseToTheLowerBound() throws Exception {
    JsonNode result = run("--packing", "--hosts=300");
    assertThat(result.path("placed").asInt()).isEqualTo(30_000);
    assertThat(result.path("ratioToLowerBound").asDouble()).isBetween(1.0, 1.03);
  }

  private JsonNode trace(String hosts, String instances) throws IOException {
    Path hostsFile = Files.writeString(dir.resolve("hosts.csv"), hosts);
    Path instancesFile = Files.writeString(dir.resolve("instances.csv"), instances);
    return run(
        "--hosts-file=" + hostsFile,
        "--instances-file=" + instancesFile,
        "--out=" + dir.resolve("out.csv"));
  }

  private JsonNode run(String... options) throws IOException {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      String[] all = java.util.Arrays.copyOf(options, options.length + 1);
      all[options.length] = "--json";
      status = new CommandLine(new PlacementBench()).execute(all);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    complaint = said.toString(StandardCharsets.UTF_8);
    return new ObjectMapper().readTree(printed.toString(StandardCharsets.UTF_8));
  }
}
