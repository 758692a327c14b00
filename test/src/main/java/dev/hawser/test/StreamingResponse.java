package dev.hawser.test;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletResponse;

/**
 * What Spring's response lacks to be read while it is written: output that knows a {@link WriteListener}, and a client that
 * may go away. It can always take more.
 */
final class StreamingResponse extends MockHttpServletResponse {

    private final Binding.StreamListener client;
    private final Output output = new Output();
    private volatile @Nullable WriteListener writer;
    private volatile boolean gone;

    StreamingResponse(Binding.StreamListener client) {
        this.client = client;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return output;
    }

    /** The request has returned: a container lets the writer write from now on. */
    void returned(HttpServletRequest request, Executor executor) {
        if (!request.isAsyncStarted()) {
            client.ended();
            return;
        }
        AsyncContext context = request.getAsyncContext();
        context.addListener(new EndListener(client));
        if (!request.isAsyncStarted()) { // meanwhile
            client.ended();
        }
        WriteListener waiting = writer;
        if (waiting != null) {
            executor.execute(() -> {
                try {
                    waiting.onWritePossible();
                } catch (IOException broken) {
                    waiting.onError(broken);
                }
            });
        }
    }

    /** The client goes away, and the container tells whoever writes. */
    void disconnect(HttpServletRequest request) {
        if (gone) {
            return;
        }
        gone = true;
        client.ended();
        if (!request.isAsyncStarted()) {
            return;
        }
        IOException reset = new IOException("The client has gone away");
        WriteListener waiting = writer;
        if (waiting != null) {
            waiting.onError(reset);
        }
        if (request.getAsyncContext() instanceof MockAsyncContext context) {
            AsyncEvent event = new AsyncEvent(context, request, this, reset);
            for (AsyncListener listener : List.copyOf(context.getListeners())) {
                try {
                    listener.onError(event);
                } catch (IOException unheard) {
                    // is told that there is nobody to write to
                }
            }
        }
    }

    private final class Output extends ServletOutputStream {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            writer = listener;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (gone) {
                throw new IOException("The client has gone away");
            }
            StreamingResponse.super.getOutputStream().write(bytes, offset, length);
            client.received(Arrays.copyOfRange(bytes, offset, offset + length));
        }

        @Override
        public void flush() throws IOException {
            StreamingResponse.super.getOutputStream().flush();
        }
    }

    /** Tells the client of the end. */
    private record EndListener(Binding.StreamListener client) implements AsyncListener {

        @Override
        public void onComplete(AsyncEvent event) {
            client.ended();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            client.ended();
        }

        @Override
        public void onError(AsyncEvent event) {
            client.ended();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // The response goes on.
        }
    }
}
