package dev.hawser.websocket.servlet;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Valve;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.ProtocolHandler;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** A Tomcat on a free port of the loopback interface, with one servlet. */
public final class TestServer implements RunningServer {

    private static final String NIO = "org.apache.coyote.http11.Http11NioProtocol";

    /** What setSilent forgets; kept here, since the log manager does not. */
    private static final Logger CHATTY = Logger.getLogger("org.apache.coyote.http11.Http11Nio2Protocol");

    private final Tomcat tomcat = new Tomcat();

    /** Handles a request. */
    public interface Handler {

        void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }

    public TestServer(Handler handler) {
        this(handler, null);
    }

    /** With TLS, unless that is null. */
    public TestServer(Handler handler, @Nullable SSLHostConfig tls) {
        this(handler, tls, NIO);
    }

    /** @param protocol the class of the connector */
    TestServer(Handler handler, @Nullable SSLHostConfig tls, String protocol) {
        try {
            CHATTY.setLevel(Level.WARNING);
            tomcat.setConnector(new Connector(protocol));
            Path folder = Files.createTempDirectory("hawser-tomcat");
            folder.toFile().deleteOnExit();
            tomcat.setBaseDir(folder.toString());
            tomcat.setSilent(true);
            tomcat.getConnector().setProperty("address", "127.0.0.1");
            tomcat.getConnector().setPort(0);
            if (tls != null) {
                tomcat.getConnector().setSecure(true);
                tomcat.getConnector().setScheme("https");
                tomcat.getConnector().setProperty("SSLEnabled", "true");
                tomcat.getConnector().addSslHostConfig(tls);
            }
            Context context = tomcat.addContext("", null);
            if (context instanceof StandardContext standard) { // looks for leaks by reflection that the JDK forbids
                standard.setClearReferencesThreadLocals(false);
                standard.setClearReferencesRmiTargets(false);
            }
            Wrapper servlet = Tomcat.addServlet(context, "handler", new Dispatching(handler));
            servlet.setAsyncSupported(true);
            servlet.addMapping("/*");
            tomcat.start();
        } catch (IOException | LifecycleException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** With this key, whose password is {@link Container#PASSWORD}. */
    static SSLHostConfig tls(KeyStore key) {
        SSLHostConfig config = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(config, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystore(key);
        certificate.setCertificateKeystorePassword(new String(Container.PASSWORD));
        config.addCertificate(certificate);
        return config;
    }

    /** Adds a valve that every request passes. */
    public TestServer with(Valve valve) {
        tomcat.getEngine().getPipeline().addValve(valve);
        return this;
    }

    /** Its threads, as they are used from now on. */
    Threads threads() {
        ProtocolHandler protocol = tomcat.getConnector().getProtocolHandler();
        Threads threads = new Threads(protocol.getExecutor());
        protocol.setExecutor(threads);
        return threads;
    }

    static final class Threads implements Executor {

        private final Executor own;
        /** How many tasks are done. */
        final AtomicInteger done = new AtomicInteger();
        /** Whether there are none for anything more. */
        volatile boolean refused;

        private Threads(Executor own) {
            this.own = own;
        }

        @Override
        public void execute(Runnable task) {
            if (refused) {
                throw new RejectedExecutionException("for a test");
            }
            own.execute(() -> {
                task.run();
                done.incrementAndGet();
            });
        }
    }

    @Override
    public int port() {
        return tomcat.getConnector().getLocalPort();
    }

    /** Tomcat counts the one that it waits for, too. */
    @Override
    public long connections() {
        return ((AbstractProtocol<?>) tomcat.getConnector().getProtocolHandler()).getConnectionCount() - 1;
    }

    @Override
    public boolean isIdle() {
        return tomcat.getConnector().getProtocolHandler().getExecutor() instanceof ThreadPoolExecutor threads
                && threads.getActiveCount() == 0;
    }

    @Override
    public void close() {
        if (tomcat.getServer().getState() == LifecycleState.DESTROYED) {
            return;
        }
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException failed) {
            throw new IllegalStateException(failed);
        }
    }

    static final class Dispatching extends HttpServlet {

        private static final long serialVersionUID = 1L;

        private final transient Handler handler;

        Dispatching(Handler handler) {
            this.handler = handler;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            handler.handle(request, response);
        }
    }
}
