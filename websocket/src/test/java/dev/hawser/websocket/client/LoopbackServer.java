package dev.hawser.websocket.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server on a free port of the loopback interface that has a thread for each connection. */
final class LoopbackServer implements AutoCloseable {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final ServerSocket listening;
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Has a connection for itself, which is closed when it returns or throws. */
    interface Handler {

        void handle(Socket socket) throws IOException;
    }

    LoopbackServer(Handler handler) {
        this.handler = handler;
        try {
            listening = new ServerSocket(0, 50, LOOPBACK);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        start(this::accept);
    }

    /** TLS in front of a port; {@code names} are those that clients ask for. */
    static LoopbackServer tls(SSLContext context, int to, List<String> names) {
        return new LoopbackServer(socket -> {
            SSLSocket secured = shakeHands(socket, context, false);
            ((ExtendedSSLSession) secured.getSession())
                    .getRequestedServerNames()
                    .forEach(name -> names.add(((SNIHostName) name).getAsciiName()));
            relay(secured, new Socket(LOOPBACK, to));
        });
    }

    /** TLS in front of a port, for clients with a certificate. */
    static LoopbackServer tlsForKnownClients(SSLContext context, int to) {
        return new LoopbackServer(socket -> relay(shakeHands(socket, context, true), new Socket(LOOPBACK, to)));
    }

    /** If that fails, waits until the client leaves: whoever closes with something unread may take back the alert. */
    static SSLSocket shakeHands(Socket socket, SSLContext context, boolean needClientAuth) throws IOException {
        SSLSocket secured = (SSLSocket) context.getSocketFactory().createSocket(socket, null, socket.getPort(), false);
        secured.setUseClientMode(false);
        secured.setNeedClientAuth(needClientAuth);
        try {
            secured.startHandshake();
        } catch (IOException refused) {
            swallow(socket);
            throw refused;
        }
        return secured;
    }

    /** An HTTP proxy that connects to where it is told. */
    static LoopbackServer connectProxy(List<String> requests) {
        return new LoopbackServer(socket -> {
            String head = head(socket);
            requests.add(head);
            String target = head.substring("CONNECT ".length(), head.indexOf(" HTTP/1.1\r\n"));
            int port = Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
            Socket onward = new Socket(LOOPBACK, port);
            socket.getOutputStream().write("HTTP/1.1 200 Go ahead\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            relay(socket, onward);
        });
    }

    /** All up to the empty line. */
    static String head(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new EOFException();
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** Until one of them ends. */
    static void relay(Socket one, Socket other) throws IOException {
        try (one;
                other) {
            start(() -> {
                try (one;
                        other) {
                    other.getInputStream().transferTo(one.getOutputStream());
                } catch (IOException ended) {
                    // so has the other
                }
            });
            one.getInputStream().transferTo(other.getOutputStream());
        }
    }

    /** Reads until the client ends, and answers nothing. */
    static void swallow(Socket socket) throws IOException {
        InputStream ignored = socket.getInputStream();
        while (ignored.read() >= 0) {
            // silence
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                start(() -> handle(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void handle(Socket socket) {
        try (socket) {
            handler.handle(socket);
        } catch (IOException | RuntimeException ended) {
            // the test sees what the client makes of it
        } finally {
            open.remove(socket);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "loopback-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Ends all connections, too. */
    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
