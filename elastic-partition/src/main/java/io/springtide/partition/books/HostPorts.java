package io.springtide.partition.books;

import io.springtide.partition.model.PortRanges;

/** The ports of one host: which are held, which are offered, and which may be taken. */
final class HostPorts {
  private PortRanges own;

  /** Of the host's own ports, those that our records leave. */
  private PortSet left;

  private PortSet offered = new PortSet(PortRanges.NONE);

  /** What is in both, or null until somebody asks. */
  private PortSet inBoth;

  /** Fixed ports held outside the host's own range. */
  private PortSet outside = new PortSet(PortRanges.NONE);

  HostPorts(PortRanges own) {
    this.own = own;
    left = new PortSet(own);
  }

  HostPorts(HostPorts from) {
    own = from.own;
    left = new PortSet(from.left);
    offered = new PortSet(from.offered);
    inBoth = from.inBoth == null ? null : new PortSet(from.inBoth);
    outside = new PortSet(from.outside);
  }

  /** The host's own ports that nothing holds by our records; only to be looked at. */
  PortSet free() {
    return left;
  }

  /** Those of them that are offered; only to be looked at. */
  PortSet freeAndOffered() {
    if (inBoth == null) {
      inBoth = PortSet.both(left, offered);
    }
    return inBoth;
  }

  /** Whether something holds a fixed port that is not one of the host's own. */
  boolean heldOutside(int port) {
    return outside.contains(port);
  }

  void offer(PortRanges ports) {
    offered = new PortSet(ports);
    inBoth = null;
  }

  /**
   * A port is held from now on.
   *
   * @param usesOffer whether it is taken from the offer too, which gets it back from nobody but the
   *     master
   */
  void take(int port, boolean usesOffer) {
    if (own.contains(port)) {
      left.remove(port);
    } else {
      outside.add(port);
    }
    if (usesOffer) {
      offered.remove(port);
    }
    if (inBoth != null) {
      inBoth.remove(port);
    }
  }

  /** Nothing holds the port any more. */
  void give(int port) {
    if (!own.contains(port)) {
      outside.remove(port);
      return;
    }
    left.add(port);
    if (inBoth != null && offered.contains(port)) {
      inBoth.add(port);
    }
  }

  /** The host has other ports of its own; what is held stays held. */
  void describe(PortRanges next) {
    if (own.equals(next)) {
      return;
    }
    PortRanges held = own.minus(left.ranges()).plus(outside.ranges());
    left = new PortSet(next.minus(held));
    outside = new PortSet(held.minus(next));
    inBoth = null;
    own = next;
  }
}
