package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.Timings;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.MasterInfo;

/**
 * How a master is set up.
 *
 * @param info what SUBSCRIBED says of it; its id is the prefix of all ids
 * @param timings Mesos' durations
 * @param roles the whitelist; empty means every role
 * @param flags what GET_FLAGS answers
 */
public record MasterConfig(
    MasterInfo info, Timings timings, Set<String> roles, Map<String, String> flags) {}
