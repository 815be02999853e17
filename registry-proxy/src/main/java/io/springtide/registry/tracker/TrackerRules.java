package io.springtide.registry.tracker;

import io.springtide.registry.swarm.SwarmRules;
import java.time.Duration;

/**
 * The tracker's numbers.
 *
 * @param minHosts below so many live hosts everybody pulls straight from the proxy
 * @param minBlob bytes; smaller blobs come without a swarm
 * @param silence a host that said nothing for so long has left
 * @param ban how long a peer that sent wrong bytes is introduced to nobody
 * @param admissionLife for how long a peer may have a blob after the proxy let it
 */
public record TrackerRules(
    int minHosts,
    long minBlob,
    Duration silence,
    Duration ban,
    Duration admissionLife,
    SwarmRules swarm) {}
