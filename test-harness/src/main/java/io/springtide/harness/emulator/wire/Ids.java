package io.springtide.harness.emulator.wire;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Random ids from one seedable source, so that a virtual run repeats itself. */
public final class Ids {

  private final RandomGenerator random;

  public Ids(RandomGenerator random) {
    this.random = random;
  }

  /** A UUID of version 4. */
  public UUID uuid() {
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low);
  }

  /** 16 bytes, as status updates carry them. */
  public ByteString bytes() {
    UUID uuid = uuid();
    return ByteString.copyFrom(
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .flip());
  }

  /** Any number from 0 to {@code bound} - 1. */
  public int below(int bound) {
    return random.nextInt(bound);
  }
}
