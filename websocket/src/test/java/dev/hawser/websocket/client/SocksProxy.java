package dev.hawser.websocket.client;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** SOCKS 4a and SOCKS 5, as far as a client connects with it, to ports of the loopback interface. */
final class SocksProxy implements AutoCloseable {

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final @Nullable String credentials;
    private final int answer;
    private final LoopbackServer server = new LoopbackServer(this::handle);

    /**
     * A proxy.
     *
     * @param credentials as in {@code user:password} for SOCKS 5; null for none
     * @param answer what it says when it is told where to connect to
     */
    SocksProxy(@Nullable String credentials, int answer) {
        this.credentials = credentials;
        this.answer = answer;
    }

    /** What clients have said, one piece after the other. */
    List<String> heard() {
        return heard;
    }

    int port() {
        return server.port();
    }

    private void handle(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int version = in.readUnsignedByte();
        int port = version == 5 ? socks5(socket, in) : socks4a(in);
        if (port == 0) {
            LoopbackServer.swallow(socket);
            return;
        }
        socket.getOutputStream()
                .write(
                        version == 5
                                ? new byte[] {5, (byte) answer, 0, 1, 0, 0, 0, 0, 0, 0}
                                : new byte[] {0, (byte) answer, 0, 0, 0, 0, 0, 0});
        if (answer == (version == 5 ? 0 : 90)) {
            LoopbackServer.relay(socket, new Socket(InetAddress.getLoopbackAddress(), port));
        }
    }

    /** RFC 1928 and RFC 1929; the port to connect to, or 0. */
    private int socks5(Socket socket, DataInputStream in) throws IOException {
        byte[] methods = in.readNBytes(in.readUnsignedByte());
        int wanted = credentials == null ? 0 : 2;
        if (new String(methods, StandardCharsets.ISO_8859_1).indexOf(wanted) < 0) {
            socket.getOutputStream().write(new byte[] {5, (byte) 0xFF});
            return 0;
        }
        socket.getOutputStream().write(new byte[] {5, (byte) wanted});
        if (credentials != null) {
            in.readUnsignedByte(); // the version
            String given = text(in) + ":" + text(in);
            heard.add(given);
            boolean right = given.equals(credentials);
            socket.getOutputStream().write(new byte[] {1, (byte) (right ? 0 : 1)});
            if (!right) {
                return 0;
            }
        }
        in.readNBytes(3); // version, command, reserved
        int type = in.readUnsignedByte();
        String host = type == 3
                ? "name " + text(in)
                : "address "
                        + InetAddress.getByAddress(in.readNBytes(type == 1 ? 4 : 16))
                                .getHostAddress();
        int port = in.readUnsignedShort();
        heard.add(host + " " + port);
        return port;
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
    }

    private int socks4a(DataInputStream in) throws IOException {
        in.readUnsignedByte(); // the command
        int port = in.readUnsignedShort();
        String address = InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
        heard.add("user " + untilZero(in));
        boolean named = address.startsWith("0.0.0.");
        heard.add((named ? "name " + untilZero(in) : "address " + address) + " " + port);
        return port;
    }

    private static String untilZero(DataInputStream in) throws IOException {
        StringBuilder bytes = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != 0; next = in.readUnsignedByte()) {
            bytes.append((char) next);
        }
        return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
