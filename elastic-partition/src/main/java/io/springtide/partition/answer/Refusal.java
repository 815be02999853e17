package io.springtide.partition.answer;

/**
 * Why an instance waits.
 *
 * @param reason the kind of reason
 * @param detail names and amounts, for a person
 * @param hosts how many hosts it rules out, each counted under its first reason only
 * @param freedBy what would end it, for a person
 */
public record Refusal(Reason reason, String detail, int hosts, String freedBy) {}
