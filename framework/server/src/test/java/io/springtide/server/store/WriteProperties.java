package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.jute.BinaryOutputArchive;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.proto.RequestHeader;

/** What is counted is more than what ZooKeeper's own client sends. */
class WriteProperties {
  private static final String HEAD = Long.MAX_VALUE + " " + Long.MAX_VALUE + " 2147483647";

  @Property(tries = 60)
  void noMultiIsLargerThanItsLimit(
      @ForAll("writes") List<Write> writes,
      @ForAll("namespaces") String namespace,
      @ForAll @IntRange(min = 1, max = 4000) int most)
      throws IOException {
    List<List<Write>> multis = Write.packed(writes, namespace.length(), most);
    List<Write> all = new ArrayList<>();
    for (List<Write> multi : multis) {
      assertThat(sent(multi, namespace)).isLessThanOrEqualTo(Write.MOST_BYTES);
      assertThat(multi).hasSizeBetween(1, most);
      all.addAll(multi);
    }
    assertThat(all).as("all of them, in order").isEqualTo(writes);
  }

  @Property(tries = 60)
  void noTwoThatFollowEachOtherWouldHaveGoneTogether(
      @ForAll("writes") List<Write> writes, @ForAll("namespaces") String namespace) {
    List<List<Write>> multis = Write.packed(writes, namespace.length(), Integer.MAX_VALUE);
    for (int i = 1; i < multis.size(); i++) {
      int together = multis.get(i).get(0).bytes(namespace.length());
      for (Write write : multis.get(i - 1)) {
        together += write.bytes(namespace.length());
      }
      assertThat(together).isGreaterThan(Write.room(namespace.length()));
    }
  }

  /** Bytes on the wire, as ZooKeeper's client makes them. */
  private static int sent(List<Write> writes, String namespace) throws IOException {
    MultiOperationRecord record = new MultiOperationRecord();
    record.add(
        Op.setData(
            namespace + Fence.LEADER,
            HEAD.getBytes(java.nio.charset.StandardCharsets.US_ASCII),
            7));
    for (Write write : writes) {
      String path = namespace + write.path();
      if (write instanceof Write.Create create) {
        record.add(
            Op.create(path, create.data(), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
      } else if (write instanceof Write.Put put) {
        record.add(Op.setData(path, put.data(), -1));
      } else {
        record.add(Op.delete(path, -1));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryOutputArchive archive = BinaryOutputArchive.getArchive(out);
    new RequestHeader(1, ZooDefs.OpCode.multi).serialize(archive, "header");
    record.serialize(archive, "request");
    return Integer.BYTES + out.size();
  }

  @Provide
  Arbitrary<List<Write>> writes() {
    Arbitrary<byte[]> tiny = Arbitraries.integers().between(0, 200).map(byte[]::new);
    Arbitrary<byte[]> any = Arbitraries.integers().between(0, Write.MOST_DATA).map(byte[]::new);
    Arbitrary<String> paths =
        Arbitraries.strings().withChars("0123é世/-").ofMaxLength(40).map(path -> "/log/" + path);
    Arbitrary<Write> writes =
        Combinators.combine(
                Arbitraries.integers().between(0, 2),
                paths,
                Arbitraries.frequencyOf(
                    net.jqwik.api.Tuple.of(200, tiny), net.jqwik.api.Tuple.of(1, any)))
            .as(
                (kind, path, data) ->
                    kind == 0
                        ? new Write.Create(path, data)
                        : kind == 1 ? new Write.Put(path, data) : new Write.Delete(path));
    return writes.list().ofMinSize(0).ofMaxSize(12_000);
  }

  @Provide
  Arbitrary<String> namespaces() {
    return Arbitraries.strings().alpha().ofMaxLength(300).map(name -> "/" + name);
  }
}
