package dev.hawser.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client of an event stream, over a plain socket. */
final class Stream {

    private final Socket socket;
    private final BufferedReader lines;
    private final List<String> headers = new ArrayList<>();

    private Stream(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(30_000);
        this.lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static Stream open(Server server, String path, String header, String value) throws IOException {
        Stream stream = new Stream(new Socket("127.0.0.1", server.port()));
        String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                + "\r\nAccept: text/event-stream\r\n" + header + ": " + value + "\r\n\r\n";
        stream.socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        String status = stream.lines.readLine();
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new AssertionError("Expected a stream, but was " + status);
        }
        for (String line = stream.lines.readLine(); !line.isEmpty(); line = stream.lines.readLine()) {
            stream.headers.add(line);
        }
        return stream;
    }

    /** The headers of the response, line by line. */
    List<String> headers() {
        return headers;
    }

    /** The next line of data. */
    String next() throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data:")) {
                return line;
            }
        }
        throw new AssertionError("Expected an event, but the stream has ended");
    }

    /** Reads the last chunk of the response; the connection itself may be used again. Gives what came before. */
    List<String> awaitEnd() throws IOException {
        List<String> rest = new ArrayList<>();
        for (String line = lines.readLine(); line != null && !line.equals("0"); line = lines.readLine()) {
            rest.add(line);
        }
        socket.close();
        return rest;
    }

    void leave() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
