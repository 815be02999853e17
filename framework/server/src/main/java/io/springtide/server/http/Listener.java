package io.springtide.server.http;

import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import io.springtide.server.tls.Tls;
import java.net.BindException;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One address at which this process answers, with its own threads and routes. */
final class Listener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);
  private static final long STOP_MILLIS = 2000;

  /** Who says nothing for so long is cut off, in the middle of a handshake too. */
  private static final long IDLE_MILLIS = 30_000;

  /** More wait in the kernel's queue until one of these ends. */
  private static final int CONNECTIONS = 8_000;

  private final Javalin server;

  /**
   * Listens.
   *
   * @param key of the configuration that says where
   * @param threads at most
   * @throws HttpApi.PortException if it cannot
   */
  Listener(
      String key,
      Listeners.Plain where,
      Optional<Tls> tls,
      int threads,
      Consumer<RoutesConfig> routes)
      throws HttpApi.PortException {
    server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.startupWatcherEnabled = false;
              config.startup.showOldJavalinVersionWarning = false;
              config.http.prefer405over404 = true;
              config.http.maxRequestSize = RequestReader.MAX_BODY;
              config.jetty.threadPool = new QueuedThreadPool(threads, 4);
              config.jetty.addConnector((jetty, http) -> connector(jetty, http, where, tls));
              config.jetty.modifyServer(
                  jetty -> {
                    jetty.setStopTimeout(STOP_MILLIS);
                    jetty.setErrorHandler(new JettyProblems());
                    jetty.addBean(new NetworkConnectionLimit(CONNECTIONS, jetty));
                  });
              routes.accept(config.routes);
            });
    try {
      server.start();
    } catch (JavalinBindException e) {
      throw new HttpApi.PortException(key, where, e);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof BindException) {
        throw new HttpApi.PortException(key, where, e);
      }
      throw e;
    }
  }

  /** HTTP/1.1, and nothing else: what is not offered needs no limits of its own. */
  private static Connector connector(
      Server jetty, HttpConfiguration http, Listeners.Plain where, Optional<Tls> tls) {
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    ServerConnector connector;
    if (tls.isEmpty()) {
      connector = new ServerConnector(jetty, plain);
    } else {
      // Which names are ours is the door's to say, and an address is always one.
      http.addCustomizer(new SecureRequestCustomizer(false));
      SslConnectionFactory secure =
          new SslConnectionFactory(tls.get().server(), plain.getProtocol());
      connector = new ServerConnector(jetty, new TlsOnly(secure), secure, plain);
    }
    connector.setHost(where.host());
    connector.setPort(where.port());
    connector.setIdleTimeout(IDLE_MILLIS);
    return connector;
  }

  Javalin server() {
    return server;
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (JavalinException e) {
      // It is stopped all the same: Jetty says so of connections that did not end in time by
      // themselves, and closes them.
      log.info("Connections were cut off at the end: {}", e.getMessage());
    }
  }
}
