package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Function;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Event;

/**
 * The master's event stream for operators: tasks, agents and frameworks as they come and go.
 *
 * <p>Subscribes by itself, and again whenever the stream has ended. Each SUBSCRIBED event carries
 * the whole state, and replaces all that was known before: what happened in between is not told.
 * AGENT_REMOVED is not sent for agents that became unreachable or were marked gone.
 */
public final class OperatorEvents implements AutoCloseable {
  static {
    ProtobufGencode.allow();
  }

  /** Hears the events; all on one thread of the stream's own. One that throws ends the stream. */
  public interface Listener {
    /** The next event, HEARTBEAT included. */
    void received(Event event);

    /** The stream has ended, or could not be opened; it is tried again after a pause. */
    void lost(String reason);

    /**
     * The master refuses the subscription, and asking again would not help; nothing more comes.
     *
     * @param status for example 401 for credentials that do not do
     */
    void refused(int status, String message);
  }

  private static final Call SUBSCRIBE = Call.newBuilder().setType(Call.Type.SUBSCRIBE).build();

  private final Listener listener;
  private final MasterDetector detector;
  private final ClientThreads threads;
  private final MasterStream stream;

  /**
   * Prepares a stream; {@link #start()} begins.
   *
   * @param masters where the masters are, see {@link MasterDetector#of(String)}
   * @throws IllegalArgumentException if {@code masters} does not parse
   */
  public OperatorEvents(String masters, WireOptions options, Listener listener) {
    this(MasterDetector.of(masters), options, listener, Timer::on);
  }

  OperatorEvents(
      MasterDetector detector,
      WireOptions options,
      Listener listener,
      Function<EventLoop, Timer> timer) {
    this.detector = requireNonNull(detector, "detector");
    this.listener = requireNonNull(listener, "listener");
    threads =
        new ClientThreads(
            "mesos-operator-events-io",
            "mesos-operator-events",
            options,
            timer,
            this::roomAgain,
            this::close);
    stream = new MasterStream(threads, options, detector, OperatorClient.PATH, new Subscription());
  }

  private void roomAgain() {
    stream.resume();
  }

  /** Subscribes. To be called once. */
  public void start() {
    threads.run(stream::start);
  }

  /** Closes the connection and ends all threads; no callback begins after this returns. */
  @Override
  public void close() {
    threads.close(stream::close, detector::close);
  }

  private final class Subscription implements MasterStream.Listener {
    @Override
    public void found() {
      stream.subscribe(SUBSCRIBE);
    }

    @Override
    public void opened(Endpoint master, HttpHeaders headers) {}

    @Override
    public boolean record(ByteBuf record) throws RecordIo.MalformedException {
      int size = record.readableBytes();
      Event event = RecordIo.parse(record, Event.parser());
      if (event.getType() == Event.Type.SUBSCRIBED) {
        stream.heartbeatEvery(event.getSubscribed().getHeartbeatIntervalSeconds());
      }
      return threads.event(() -> listener.received(event), size);
    }

    @Override
    public void refused(int status, String body) {
      threads.notice(() -> listener.refused(status, body));
    }

    @Override
    public void failedTry(String reason) {
      threads.notice(() -> listener.lost(reason));
    }

    @Override
    public void ended(String reason) {
      threads.notice(() -> listener.lost(reason));
      stream.seekLater();
    }
  }
}
