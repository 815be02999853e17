package io.springtide.harness.emulator;

import java.util.Optional;
import org.apache.mesos.v1.Protos.MasterInfo;

/** Says which of the masters leads. Callbacks come on any thread. */
interface Election {

  /** What a contender hears. */
  interface Contender {
    /** Another master leads now, or this one, or nobody. */
    void leader(Optional<MasterInfo> leader);

    /** The contender has lost touch: if it leads it must give up. */
    void lost();
  }

  /** Takes part. */
  void join(MasterInfo self, Contender contender);

  /** Ends as a process does that is killed: without a farewell. */
  void abandon();

  /** A master without ZooKeeper: it leads. */
  static Election alone() {
    return new Election() {
      @Override
      public void join(MasterInfo self, Contender contender) {
        contender.leader(Optional.of(self));
      }

      @Override
      public void abandon() {
        // Nobody to leave.
      }
    };
  }
}
