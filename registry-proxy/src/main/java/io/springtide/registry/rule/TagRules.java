package io.springtide.registry.rule;

import java.time.Duration;
import java.util.List;

/**
 * For how long a tag's meaning is taken as known without asking upstream, by the first pattern that
 * matches the tag.
 *
 * @param otherwise for tags that no rule matches
 * @param maxStale for how much longer an old answer serves while the upstream cannot be asked
 */
public record TagRules(List<Rule> rules, Duration otherwise, Duration maxStale) {
  public record Rule(Wildcard match, Duration ttl) {}

  public Duration ttl(String tag) {
    return rules.stream()
        .filter(rule -> rule.match.matches(tag))
        .map(Rule::ttl)
        .findFirst()
        .orElse(otherwise);
  }
}
