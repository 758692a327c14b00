package dev.hawser.autoconfigure;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that answers nothing by itself, and reads only when it is told to. */
final class RawSocket implements AutoCloseable {

    private final Socket socket = new Socket();
    private final DataInputStream in;

    private RawSocket(int port, String request) throws IOException {
        socket.setReceiveBufferSize(64 * 1024);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(30_000);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Asks for something, and reads nothing. */
    static RawSocket get(int port, String path) throws IOException {
        return new RawSocket(port, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n");
    }

    /** Asks for a WebSocket, and reads nothing. */
    static RawSocket handshake(int port, String path) throws IOException {
        return new RawSocket(
                port,
                "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
                        + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    }

    /** A WebSocket whose handshake is through. */
    static RawSocket open(int port, String path) throws IOException {
        RawSocket socket = handshake(port, path);
        String head = socket.head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("Expected 101, but was " + head);
        }
        return socket;
    }

    /** The status line and the headers of the response. */
    String head() throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("\r\n\r\n")) {
            text.append((char) in.readUnsignedByte());
        }
        return text.toString();
    }

    /** The code of the close frame that comes next. */
    int closeCode() throws IOException {
        int first = in.readUnsignedByte();
        if (first != 0x88) {
            throw new IOException("Expected a close frame, but was " + Integer.toHexString(first));
        }
        byte[] payload = in.readNBytes(in.readUnsignedByte());
        return (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
    }

    /** Answers the close frame. */
    void answerClose() throws IOException {
        socket.getOutputStream().write(new byte[] {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 0x03, (byte) 0xE9});
    }

    /** Sends a text of one character. */
    void send(char character) throws IOException {
        socket.getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, (byte) character});
    }

    /** The only character of the text that comes next; pings before it are read over. */
    int echo() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        while (first == 0x89) {
            in.skipNBytes(length);
            first = in.readUnsignedByte();
            length = in.readUnsignedByte();
        }
        if (first != 0x81 || length != 1) {
            throw new IOException(
                    "Expected a text of one character, but was " + Integer.toHexString(first) + ", " + length);
        }
        return in.readUnsignedByte();
    }

    /** Reads so many bytes. */
    void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /** All that comes until the server ends the connection, in whatever way. */
    String rest() {
        StringBuilder text = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                text.append((char) next);
            }
        } catch (SocketTimeoutException open) {
            throw new AssertionError("Expected an end, but nothing came", open);
        } catch (IOException reset) {
            // an end, too
        }
        return text.toString();
    }

    /** All that comes until it ends like this: the connection may stay for the next request. */
    String until(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end, text.length() - end.length()) < 0) {
            text.append((char) in.readUnsignedByte());
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
