package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.EventSourceConnection;
import dev.hawser.websocket.connection.Sink;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The body of an asynchronous response. */
final class AsyncSink implements Sink, WriteListener {

    private static final int SLICE = 8 * 1024;

    private final AsyncContext async;
    private final EventSourceConnection connection;
    private final ServletOutputStream output;
    /** The container takes nothing before its first onWritePossible. */
    private volatile boolean started;

    AsyncSink(AsyncContext async, EventSourceConnection connection) throws IOException {
        this.async = async;
        this.connection = connection;
        this.output = async.getResponse().getOutputStream();
    }

    @Override
    public void onWritePossible() {
        started = true;
        connection.onWritable();
    }

    @Override
    public void onError(Throwable gone) {
        connection.onDisconnected();
    }

    @Override
    public boolean write(ByteBuffer[] data) throws IOException {
        for (ByteBuffer piece : data) {
            if (!write(piece)) {
                return false;
            }
        }
        return true;
    }

    private boolean write(ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            if (!started || !output.isReady()) {
                return false;
            }
            int count = Math.min(SLICE, data.remaining());
            output.write(data.array(), data.arrayOffset() + data.position(), count);
            data.position(data.position() + count);
        }
        return true;
    }

    @Override
    public boolean flush() throws IOException {
        if (!started || !output.isReady()) {
            return false;
        }
        output.flush();
        return output.isReady();
    }

    @Override
    public void close() {
        complete(async);
    }

    static void complete(AsyncContext async) {
        try {
            async.complete();
        } catch (IllegalStateException completed) {
            // The container was first.
        }
    }
}
