package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Where a recording is played: on the emulator, or against a master that somebody runs. */
interface Stage extends AutoCloseable {

  /** Seconds since the stage was built, on its clock. */
  double clock();

  /** Lets its clock go on. */
  void advance(Duration time) throws InterruptedException;

  /** Does to a process what the recorder did: start, SIGKILL, … */
  void process(String name, String action) throws IOException, InterruptedException;

  /** Whether a process has ended. */
  boolean isDown(String name);

  /** Before its next start the work directory of an agent is emptied. */
  void wipeAtNextStart();

  /** An executor ends with a wait status; its agent notices after some time. */
  void executorEnds(String executorId, int status, Duration noticed);

  /** With what environment an executor was started; empty when it was not. */
  Optional<Map<String, String>> environment(String executorId);

  /** The address of a process that had this port in the recording. */
  Address address(String recordedPort);

  /** How many events it has sent so far; 0 when it cannot tell. */
  long sent();

  /** Waits, where that takes real time, until a request would get this recorded status. */
  void awaitStatus(int status) throws InterruptedException;

  /** How long the end of a stream may take in real milliseconds. */
  int patienceMillis();

  /** What is wrong with a znode, or null. */
  String znode(JsonNode line, JsonNode recorded) throws InterruptedException;

  /** The recording is over and its processes are killed. */
  void cleanUp();

  /** A framework of the recording is subscribed under this id. */
  void subscribed(String frameworkId);

  /** Whether the recorded cluster is all there is, so that everything can be compared. */
  boolean exact();

  @Override
  void close();

  /** A host and port. */
  record Address(String host, int port) {}
}
