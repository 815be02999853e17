package io.springtide.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class writes to the log, from INFO upwards. */
final class Logged implements AutoCloseable {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log;

  Logged(Class<?> by) {
    log = (Logger) LoggerFactory.getLogger(by);
    lines.start();
    log.setLevel(Level.INFO);
    log.addAppender(lines);
  }

  /** Such as {@code [WARN] …}, the oldest first. */
  List<String> lines() {
    return lines.list.stream().map(ILoggingEvent::toString).toList();
  }

  @Override
  public void close() {
    log.detachAppender(lines);
    log.setLevel(null);
  }
}
