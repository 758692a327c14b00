package dev.hawser.websocket.servlet;

import jakarta.servlet.http.HttpServlet;
import java.security.KeyStore;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A Jetty on a free port of the loopback interface, with one servlet. */
final class JettyServer implements RunningServer {

    private final Server server = new Server();
    private final ServerConnector connector;

    /** With TLS, unless there is no key. */
    JettyServer(TestServer.Handler handler, @Nullable KeyStore key) {
        HttpConfiguration http = new HttpConfiguration();
        if (key == null) {
            connector = new ServerConnector(server, new HttpConnectionFactory(http));
        } else {
            http.addCustomizer(new SecureRequestCustomizer(false));
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setKeyStore(key);
            tls.setKeyStorePassword(new String(Container.PASSWORD));
            connector = new ServerConnector(server, tls, new HttpConnectionFactory(http));
        }
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(1_000); // shorter than what some tests wait: a WebSocket must not care
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        ServletHolder holder = new ServletHolder(servlet(handler));
        holder.setAsyncSupported(true);
        context.addServlet(holder, "/*");
        server.setHandler(context);
        try {
            server.start();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static HttpServlet servlet(TestServer.Handler handler) {
        return new TestServer.Dispatching(handler);
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public long connections() {
        return connector.getConnectedEndPoints().size();
    }

    @Override
    public boolean isIdle() {
        return ((QueuedThreadPool) server.getThreadPool()).getUtilizedThreads() == 0;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
