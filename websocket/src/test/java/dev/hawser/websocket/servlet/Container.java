package dev.hawser.websocket.servlet;

import java.security.KeyStore;
import org.jspecify.annotations.Nullable;

/** The containers, each with what it can be told apart by: all must pass the same tests. */
enum Container {
    TOMCAT {
        @Override
        RunningServer start(TestServer.Handler handler, @Nullable KeyStore key) {
            return tomcat(handler, key, "org.apache.coyote.http11.Http11NioProtocol");
        }
    },
    TOMCAT_NIO2 {
        @Override
        RunningServer start(TestServer.Handler handler, @Nullable KeyStore key) {
            return tomcat(handler, key, "org.apache.coyote.http11.Http11Nio2Protocol");
        }
    },
    JETTY {
        @Override
        RunningServer start(TestServer.Handler handler, @Nullable KeyStore key) {
            return new JettyServer(handler, key);
        }
    };

    static final char[] PASSWORD = "changeit".toCharArray();

    /** Starts one, with this servlet. */
    final RunningServer start(TestServer.Handler handler) {
        return start(handler, null);
    }

    /** With TLS, unless there is no key; its password is {@link #PASSWORD}. */
    abstract RunningServer start(TestServer.Handler handler, @Nullable KeyStore key);

    private static RunningServer tomcat(TestServer.Handler handler, @Nullable KeyStore key, String protocol) {
        return new TestServer(handler, key == null ? null : TestServer.tls(key), protocol).with(new HandshakeValve());
    }
}
