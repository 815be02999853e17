package io.springtide.partition.model;

/** Which of the hosts that fit is taken. */
public enum FitPolicy {
  /** The fullest that still fits, so that other hosts stay empty and can be given back. */
  PACK,
  /** The emptiest, so that the loss of one host costs least. */
  SPREAD
}
