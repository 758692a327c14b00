package dev.hawser.websocket.servlet;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.SocketFactory;

/** A client that writes and reads bytes and knows only as much of WebSockets as a test needs. */
final class RawClient implements AutoCloseable {

    /** A frame from the server. */
    record Frame(int first, byte[] payload) {

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        int closeCode() {
            return (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
        }

        String closeReason() {
            return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    final Socket socket;
    final OutputStream out;
    final DataInputStream in;
    private final int port;

    RawClient(int port) throws IOException {
        this(port, SocketFactory.getDefault());
    }

    /** Over what this makes, which may be TLS. */
    RawClient(int port, SocketFactory sockets) throws IOException {
        this.port = port;
        socket = sockets.createSocket();
        socket.setReceiveBufferSize(64 * 1024);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    /** A client whose handshake is through. */
    static RawClient open(int port) throws IOException {
        RawClient client = new RawClient(port);
        client.out.write(client.handshake());
        String response = client.response();
        if (!response.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("Expected 101 but was " + response);
        }
        return client;
    }

    byte[] handshake(String... moreHeaders) {
        return request(
                "GET /echo HTTP/1.1",
                concat(
                        new String[] {
                            "Connection: keep-alive, Upgrade",
                            "Upgrade: WebSocket",
                            "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
                        },
                        moreHeaders));
    }

    byte[] request(String line, String... headers) {
        return (line + "\r\nHost: 127.0.0.1:" + port + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
                .replace("\r\n\r\n\r\n", "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String[] concat(String[] first, String[] second) {
        String[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** The status line and headers of the response. */
    String response() throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("\r\n\r\n")) {
            text.append((char) in.readUnsignedByte());
        }
        return text.toString();
    }

    /** A response with its body, by its length. */
    String responseWithBody() throws IOException {
        String head = response();
        int start = head.toLowerCase().indexOf("content-length: ") + 16;
        int length = Integer.parseInt(head.substring(start, head.indexOf("\r\n", start)));
        return head + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    void send(byte[]... frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        out.write(all.toByteArray());
    }

    static byte[] text(String text) {
        return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A masked frame. */
    static byte[] frame(int first, byte[] payload) {
        byte[] header = header(first, payload.length);
        byte[] frame = Arrays.copyOf(header, header.length + payload.length);
        for (int i = 0; i < payload.length; i++) {
            frame[header.length + i] = (byte) (payload[i] ^ (i % 4 + 1));
        }
        return frame;
    }

    /** The header of a masked frame, with the key 1 2 3 4. */
    static byte[] header(int first, long length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        if (length < 126) {
            out.write(0x80 | (int) length);
        } else if (length < 65536) {
            out.write(0x80 | 126);
            out.write((int) length >> 8);
            out.write((int) length);
        } else {
            out.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) (length >> shift));
            }
        }
        out.writeBytes(new byte[] {1, 2, 3, 4});
        return out.toByteArray();
    }

    Frame read() throws IOException {
        int first = in.readUnsignedByte();
        long length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        return new Frame(first, payload);
    }

    /** Whether the server has closed its side, after what was read. */
    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    /** Ends the connection with a reset instead of a proper end. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
