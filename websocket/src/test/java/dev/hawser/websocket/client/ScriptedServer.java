package dev.hawser.websocket.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** A server that does what a test says with each connection, in turn, and remembers the requests. */
final class ScriptedServer implements AutoCloseable {

    private final ServerSocket listening;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** What happens on one connection. */
    interface Script {

        void play(Conversation with) throws IOException;
    }

    /** One connection, from the server's end. */
    record Conversation(Socket socket, InputStream in, OutputStream out, List<String> requests) {

        /** The head of the next request. */
        String request() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("No request");
                }
                head.append((char) next);
            }
            requests.add(head.toString());
            return head.toString();
        }

        void answer(String text) throws IOException {
            out.write(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /** Reads a request, and agrees to it. */
        void accept(String... moreHeaders) throws IOException {
            String request = request();
            answer("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: "
                    + answerTo(request)
                    + "\n"
                    + String.join("", moreHeaders)
                    + "\n");
        }

        void send(int... bytes) throws IOException {
            for (int next : bytes) {
                out.write(next);
            }
            out.flush();
        }

        /** Reads the client's next frame, such as its answer to a close frame. */
        byte[] frame() throws IOException {
            in.readNBytes(1);
            int length = in.read() & 0x7F;
            byte[] rest = in.readNBytes(4 + length);
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++) {
                payload[i] = (byte) (rest[4 + i] ^ rest[i % 4]);
            }
            return payload;
        }

        /** Reads until the client has closed. */
        void drain() throws IOException {
            in.readAllBytes();
        }
    }

    /** @param scripts for the first connection, the second and so on; the last one for all that follow */
    ScriptedServer(Script... scripts) throws IOException {
        this("127.0.0.1", scripts);
    }

    ScriptedServer(String address, Script... scripts) throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getByName(address));
        Thread thread = new Thread(
                () -> {
                    for (int i = 0; !closed.get(); i++) {
                        accept(scripts[Math.min(i, scripts.length - 1)]);
                    }
                },
                "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(Script script) {
        try {
            Socket socket = listening.accept();
            sockets.add(socket);
            Thread thread = new Thread(() -> play(script, socket), "scripted-connection");
            thread.setDaemon(true);
            thread.start();
        } catch (IOException ended) {
            closed.set(true);
        }
    }

    private void play(Script script, Socket socket) {
        try (socket) {
            script.play(new Conversation(socket, socket.getInputStream(), socket.getOutputStream(), requests));
        } catch (IOException gone) {
            // The client has left.
        }
    }

    static String header(String request, String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ": ";
        return request.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .findFirst()
                .map(line -> line.substring(prefix.length()))
                .orElse("");
    }

    static String answerTo(String request) {
        String key = header(request, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(key.getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    int port() {
        return listening.getLocalPort();
    }

    String url(String path) {
        return "ws://127.0.0.1:" + port() + path;
    }

    /** The heads of the requests that have come. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        closed.set(true);
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
