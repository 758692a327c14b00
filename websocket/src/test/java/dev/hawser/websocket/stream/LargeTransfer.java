package dev.hawser.websocket.stream;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/** A program that sends a lot through one socket, both ends of it here, and says how much memory that took. */
final class LargeTransfer {

    private static final int CHUNK = 64 * 1024;

    private LargeTransfer() {}

    /** What was read or written: how much, and its checksum. */
    private record Sum(long bytes, long checksum) {}

    /** Arguments: {@code messages} or {@code message}, {@code up} to the server or {@code down} to the client, how many MiB. */
    public static void main(String[] arguments) throws Exception {
        boolean single = arguments[0].equals("message");
        boolean up = arguments[1].equals("up");
        long bytes = Long.parseLong(arguments[2]) << 20;
        BlockingQueue<WebSocketStream> accepted = new LinkedBlockingQueue<>();
        try (TestServer server = new TestServer((request, response) -> accepted.add(read(
                        WebSocketStream.of(ServletUpgrade.of(request, response, options(single))
                                .accept()),
                        up,
                        single)));
                WebSocketClient client = WebSocketClient.create()) {
            ClientWebSocket socket =
                    client.connect("ws://127.0.0.1:" + server.port() + "/", options -> options.extensions()
                            .socket(socketOptions -> socketOptions.streaming(single)));
            WebSocketStream atClient = read(WebSocketStream.of(socket), !up, single);
            WebSocketStream atServer = Objects.requireNonNull(accepted.poll(10, TimeUnit.SECONDS));
            long start = System.nanoTime();
            CompletableFuture<Sum> written =
                    CompletableFuture.supplyAsync(() -> write(up ? atClient : atServer, single, bytes));
            Sum read = drain(up ? atServer : atClient, single);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (read.bytes() != bytes || !read.equals(written.join())) {
                throw new IllegalStateException("Read " + read + " of " + written.join());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s %s: %d MiB in %.1f s, %.0f MiB/s, heap at most %d MiB of %d MiB%n",
                    arguments[0],
                    arguments[1],
                    bytes >> 20,
                    seconds,
                    (bytes >> 20) / seconds,
                    peak() >> 20,
                    Runtime.getRuntime().maxMemory() >> 20);
            socket.terminate();
        }
    }

    private static WebSocketOptions options(boolean streaming) {
        return WebSocketOptions.DEFAULT.with(options -> options.streaming(streaming));
    }

    private static WebSocketStream read(WebSocketStream stream, boolean reads, boolean single) {
        if (reads && single) {
            stream.messages();
        } else if (reads) {
            stream.inputStream();
        }
        return stream;
    }

    private static Sum write(WebSocketStream to, boolean single, long bytes) {
        byte[] chunk = new byte[CHUNK];
        new Random(1).nextBytes(chunk);
        CRC32 checksum = new CRC32();
        try (OutputStream out = single ? to.binaryMessage() : to.outputStream()) {
            for (long sent = 0; sent < bytes; sent += CHUNK) {
                chunk[(int) (sent / CHUNK) % CHUNK]++; // no two chunks are the same
                checksum.update(chunk);
                out.write(chunk);
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
        return new Sum(bytes, checksum.getValue());
    }

    private static Sum drain(WebSocketStream from, boolean single) throws IOException {
        InputStream in = single ? Objects.requireNonNull(from.nextMessage()).inputStream() : from.inputStream();
        byte[] buffer = new byte[CHUNK];
        CRC32 checksum = new CRC32();
        long bytes = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            checksum.update(buffer, 0, count);
            bytes += count;
        }
        return new Sum(bytes, checksum.getValue());
    }

    private static long peak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }
}
