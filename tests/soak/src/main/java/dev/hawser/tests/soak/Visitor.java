package dev.hawser.tests.soak;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A connection of the load. All is done by the thread of its loop. */
abstract class Visitor {

    private static final int LONGEST_HEAD = 8192;
    private static final String END_OF_HEAD = "\r\n\r\n";

    final Loop loop;
    final Plan plan;
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable Deque<ByteBuffer> output;
    private boolean connected;
    private boolean reading = true;
    private int alarm;
    private @Nullable Runnable action;
    /** The head of the response as far as it has come; null once it is there. */
    private @Nullable StringBuilder head = new StringBuilder(0);

    Visitor(Loop loop, Plan plan) {
        this.loop = loop;
        this.plan = plan;
    }

    /** What it sends first. */
    abstract byte[] request();

    /** The head of the response has come. */
    abstract void response(int status, String head);

    /** What comes after that. */
    abstract void read(ByteBuffer input);

    /** The server has ended the connection, or it was lost; {@link #end} follows. */
    abstract void ended(boolean reset);

    final void begin(SocketChannel opened, SelectionKey registered, InetSocketAddress server) throws IOException {
        channel = opened;
        key = registered;
        if (opened.connect(server)) {
            connected();
        }
    }

    private void connected() {
        connected = true;
        send(request());
    }

    final void selected(ByteBuffer input) {
        SocketChannel from = channel;
        SelectionKey ready = key;
        if (from == null || ready == null || !ready.isValid()) {
            return;
        }
        try {
            if (ready.isConnectable()) {
                from.finishConnect();
                connected();
            }
            if (channel != null && ready.isValid() && ready.isWritable()) {
                write();
            }
            if (channel != null && ready.isValid() && ready.isReadable()) {
                readFrom(from, input);
            }
        } catch (IOException lost) {
            lost(lost);
        }
    }

    private void readFrom(SocketChannel from, ByteBuffer input) throws IOException {
        input.clear();
        if (from.read(input) < 0) {
            finish(false);
            return;
        }
        input.flip();
        if (head != null) {
            readHead(input);
        }
        if (input.hasRemaining() && channel != null) {
            read(input);
        }
    }

    private void readHead(ByteBuffer input) {
        StringBuilder begun = head;
        while (begun != null && input.hasRemaining()) {
            begun.append((char) (input.get() & 0xFF));
            int length = begun.length();
            if (length >= END_OF_HEAD.length() && begun.indexOf(END_OF_HEAD, length - END_OF_HEAD.length()) >= 0) {
                head = null;
                String whole = begun.toString();
                response(Integer.parseInt(whole.substring(9, 12)), whole);
                return;
            }
            if (length > LONGEST_HEAD) {
                problem("Expected a response but was " + begun.substring(0, 80));
                end();
                return;
            }
        }
    }

    private void lost(IOException cause) {
        if (!connected) {
            problem("cannot connect: " + cause.getMessage());
        }
        finish(true);
    }

    private void finish(boolean reset) {
        if (channel != null) {
            ended(reset);
            end();
        }
    }

    /** Whether this end has not given up the connection. */
    final boolean isOpen() {
        return channel != null;
    }

    final void send(String ascii) {
        send(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    final void send(byte[] bytes) {
        if (channel == null) {
            return;
        }
        Deque<ByteBuffer> queue = output;
        if (queue == null) {
            queue = new ArrayDeque<>(2);
            output = queue;
        }
        queue.add(ByteBuffer.wrap(bytes));
        try {
            write();
        } catch (IOException lost) {
            lost(lost);
        }
    }

    private void write() throws IOException {
        Deque<ByteBuffer> queue = output;
        SocketChannel to = channel;
        while (queue != null && to != null && !queue.isEmpty()) {
            ByteBuffer next = queue.element();
            to.write(next);
            if (next.hasRemaining()) {
                break;
            }
            queue.remove();
            if (queue.isEmpty()) {
                output = null;
            }
        }
        interested();
    }

    /** Stops reading, or goes on. */
    final void reading(boolean on) {
        reading = on;
        interested();
    }

    private void interested() {
        if (key != null && key.isValid() && connected) {
            key.interestOps((reading ? SelectionKey.OP_READ : 0) | (output != null ? SelectionKey.OP_WRITE : 0));
        }
    }

    /** Does something after a time at random, in milliseconds, and not what was to be done before. */
    final void then(int least, int most, Runnable next) {
        action = next;
        loop.wake(this, ++alarm, plan.random().nextInt(least, most + 1));
    }

    final void wakeNoMore() {
        alarm++;
        action = null;
    }

    final void ring(int number) {
        Runnable next = action;
        if (number == alarm && channel != null && next != null) {
            action = null;
            next.run();
        }
    }

    final void problem(String what) {
        loop.report().problem(plan, what);
    }

    final void count(String what) {
        loop.report().count(what);
    }

    /** FIN; what comes is still read. */
    final void endOutput() {
        try {
            if (channel != null) {
                channel.shutdownOutput();
            }
        } catch (IOException lost) {
            lost(lost);
        }
    }

    /** RST. */
    final void reset() {
        try {
            if (channel != null) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException gone) {
            // Then it needs none.
        }
        end();
    }

    /** Closes the socket, and is gone. */
    void end() {
        SocketChannel closing = channel;
        if (closing != null) {
            channel = null;
            output = null;
            try {
                closing.close();
            } catch (IOException gone) {
                // That was wanted.
            }
            loop.ended(this);
        }
    }

    @Override
    public String toString() {
        return plan.toString();
    }
}
