package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;

/**
 * A process that loads an echo server: so many connections, each with so many messages on their way at any time.
 *
 * <p>Arguments: as {@link LoadPlan} has them. Prints a line for each window: messages echoed, and CPU time of the server in
 * microseconds. Without windows it opens the connections, has one message echoed on each, prints {@code ready} and waits for
 * the end of its input.
 */
public final class Load {

    private Load() {}

    public static void main(String[] arguments) throws Exception {
        LoadPlan plan = LoadPlan.of(arguments);
        byte[] frame = EchoClient.frame(0x81, payload(plan.bytes()));
        Connections<SameText> connections = Connections.open(
                plan,
                "",
                key -> new SameText(key, frame, plan.bytes(), Math.min(plan.inFlight(), 64 * 1024 / frame.length)));
        if (plan.windows() == 0) {
            connections.idle(1);
            return;
        }
        connections.run(plan.warmUp());
        for (int i = 0; i < plan.windows(); i++) {
            Connections.Window window = connections.window();
            System.out.println(window.messages() + " " + window.cpuMicros());
        }
    }

    private static byte[] payload(int bytes) {
        byte[] payload = new byte[bytes];
        for (int at = 0; at < bytes; at++) {
            payload[at] = payloadAt(at);
        }
        return payload;
    }

    private static byte payloadAt(int at) {
        return (byte) ('a' + at % 23);
    }

    /** Sends the same text again and again, and checks a byte of every read. */
    private static final class SameText extends EchoClient {

        private final byte[] frame;
        private final int bytes;
        private boolean filled;
        private int received;

        SameText(SelectionKey key, byte[] frame, int bytes, int framesAtOnce) {
            super(key, Math.max(1, framesAtOnce) * frame.length);
            this.frame = frame;
            this.bytes = bytes;
        }

        @Override
        int fill(ByteBuffer output, int most) {
            if (!filled) {
                while (output.hasRemaining()) {
                    output.put(frame);
                }
                filled = true; // and stays so
            }
            int count = Math.min(most, output.capacity() / frame.length);
            output.position(count * frame.length);
            return count;
        }

        @Override
        void begin(int first) throws IOException {
            check(first, 1);
        }

        @Override
        void payload(ByteBuffer input, int count) throws IOException {
            check(input.get(input.position()), payloadAt(received));
            received += count;
        }

        @Override
        void end() throws IOException {
            if (received != bytes) {
                throw new IOException("Expected " + bytes + " bytes but were " + received);
            }
            received = 0;
        }
    }
}
