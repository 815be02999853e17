package io.springtide.registry.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a configuration is said so that it can be mended. */
class ConfigFileTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lissten: 1 | lissten is not a key that I know; did you mean listen?",
        "listen: nowhere | listen: \"nowhere\" is not allowed; allowed is host:port",
        "store: {quota: 10GB} | store.quota: \"10GB\" is not allowed; allowed is a size such as"
            + " 512MiB",
        "store: {highWater: 1.5} | store.highWater: 1.5 is not allowed; allowed is a share above 0"
            + " and up to 1",
        "tags: {rules: [{match: v1, ttl: soon}]} | tags.rules[0].ttl: \"soon\" is not allowed;"
            + " allowed is a duration",
        "fills: {running: 0} | fills.running: 0 is not allowed; allowed is a whole number from 1 to"
            + " 10000",
        "upstreams: [{name: A, url: 'http://x'}] | upstreams[0].name: \"A\" is not allowed; allowed"
            + " is lower-case letters",
        "upstreams: [{name: a, url: 'ftp://x'}] | upstreams[0].url: \"ftp://x\" is not allowed;"
            + " allowed is an address",
        "upstreams: [] | upstreams: is missing or empty",
        "store: {scrubEvery: 999ms} | store.scrubEvery: \"999ms\" is not allowed; allowed is a"
            + " duration from 1s to 36500d",
        "timeouts: {connect: 0s} | timeouts.connect: \"0s\" is not allowed; allowed is a duration"
            + " from 1ms to 1d",
        "timeouts: {connect: 25d} | timeouts.connect: \"25d\" is not allowed; allowed is a duration"
            + " from 1ms to 1d",
        "timeouts: {stall: 0ms} | timeouts.stall: \"0ms\" is not allowed; allowed is a duration"
            + " from 1ms to 1d",
        "sync: {every: 0s} | sync.every: \"0s\" is not allowed; allowed is a duration from 100ms to"
            + " 36500d",
        "swarm: {silence: 500ms} | swarm.silence: \"500ms\" is not allowed; allowed is a duration"
            + " from 1s to 1d",
        "negativeTtl: 36501d | negativeTtl: \"36501d\" is not allowed; allowed is a duration from"
            + " 0s to 36500d",
        "tags: {rules: [{match: 1.10}]} | tags.rules[0].match: 1.1 is not allowed; allowed is a"
            + " text; put it in quotes",
        "store: {pin: [1.10]} | store.pin: 1.1 is not allowed; allowed is a text; put it in quotes",
        "fills: | fills: it has no value; write one, or leave the key out",
        "store: {quota: 1GiB, quota: 2GiB} | not YAML of one document, line 4: Duplicate field"
            + " 'quota'",
        "--- {listen: nowhere} | not YAML of one document, line 4",
        "tags: {ttl: *soon} | line 4: write the value out instead of *soon",
        "adminTokenFile: /nowhere/at/all | adminTokenFile: cannot read /nowhere/at/all",
      })
  void aConfigurationErrorNamesKeyValueAndWhatIsAllowed(String line, String message) {
    String base = line.startsWith("listen") ? "" : "listen: 127.0.0.1:0\n";
    String upstreams =
        line.startsWith("upstreams") ? "" : "upstreams: [{name: up, url: 'http://x'}]\n";
    assertThatThrownBy(() -> ConfigFile.parse(base + "dataDir: /d\n" + upstreams + line + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
