package dev.hawser.websocket.client;

import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.Transport;
import dev.hawser.websocket.connection.WebSocketConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GenericProgressiveFutureListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The last handler of a channel that does something, and the transport of its connection: the channel reads only when the connection wants more, and what it has read is worked
 * through on the executor of the group.
 *
 * <p>Fields without a word about threads belong to the event loop.
 */
final class NettyTransport extends ChannelInboundHandlerAdapter implements Transport {

    /** So many bytes at most are in the hands of Netty. */
    private static final int MOST_UNWRITTEN = 128 * 1024;

    private final Channel channel;
    private final boolean secure;
    private final ConnectionGroup group;

    /** What has come: added to by the event loop, taken from by whoever reads. */
    private final Queue<ByteBuffer> received = new ConcurrentLinkedQueue<>();
    /** Whether nothing will be added any more. Written by the event loop. */
    private volatile boolean inputEnded;
    /** Whether {@link #close} was called. */
    private volatile boolean closed;

    /** Why the channel has ended, if not in an orderly way. Written by the event loop. */
    private volatile @Nullable IOException error;
    /** Whether writing has failed: what the peer has said before can still be read. Written by the event loop. */
    private volatile boolean broken;

    private @Nullable WebSocketConnection connection;
    private Reading reading = Reading.NOT_WANTED;

    /** Who has to do what next for something to be read. */
    private enum Reading {
        /** The connection: it resumes. */
        NOT_WANTED,
        /** The peer: it sends. */
        AWAITED,
        /** A thread of the executor: it comes back. */
        UNDER_WAY,
        /** The same, and the connection has resumed meanwhile. */
        UNDER_WAY_AND_WANTED
    }

    /** What was taken and is not flushed yet. Guarded by the connection's lock. */
    private @Nullable ByteBuf taken;

    private final AtomicInteger unwritten = new AtomicInteger();
    /** Whether the connection waits for {@code onWritable}. */
    private final AtomicBoolean stalled = new AtomicBoolean();
    /** Whether the connection waits for it when nothing is unwritten any more. */
    private final AtomicBoolean endAwaited = new AtomicBoolean();

    NettyTransport(Channel channel, boolean secure, ConnectionGroup group) {
        this.channel = channel;
        this.secure = secure;
        this.group = group;
    }

    /** Says whose transport this is. */
    void connect(WebSocketConnection connected) {
        connection = connected;
        if (!channel.isActive()) {
            endInput();
        }
    }

    // ---- From the event loop.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!closed && message instanceof ByteBuf data && data.isReadable()) {
                received.add(ByteBuffer.wrap(ByteBufUtil.getBytes(data)));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (reading == Reading.AWAITED) {
            readOrWait();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            endInput();
        }
    }

    private void endInput() {
        inputEnded = true;
        if (reading == Reading.AWAITED) {
            readOrWait();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        exceptionCaught(cause);
    }

    private void exceptionCaught(Throwable cause) {
        error = cause instanceof IOException network ? network : new IOException("The connection has failed", cause);
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        endInput();
    }

    /** Has the connection read if there is something; otherwise the channel. */
    private void readOrWait() {
        if (received.isEmpty() && !inputEnded) {
            reading = Reading.AWAITED;
            channel.read();
        } else {
            reading = Reading.UNDER_WAY;
            group.execute(this::deliver);
        }
    }

    /** On a thread of the executor. */
    private void deliver() {
        WebSocketConnection to = connection;
        boolean more = to != null && to.onReadable();
        onLoop(() -> delivered(more));
    }

    private void delivered(boolean more) {
        boolean wanted = more || reading == Reading.UNDER_WAY_AND_WANTED;
        reading = Reading.NOT_WANTED;
        if (wanted) {
            readOrWait();
        }
    }

    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException ending) {
            // The client is closed, and so is the channel.
        }
    }

    // ---- From the connection.

    @Override
    public int read(byte[] buffer) throws IOException {
        int count = 0;
        while (count < buffer.length) {
            ByteBuffer next = received.peek();
            if (next == null) {
                break;
            }
            int length = Math.min(next.remaining(), buffer.length - count);
            next.get(buffer, count, length);
            count += length;
            if (!next.hasRemaining()) {
                received.remove();
            }
        }
        if (count > 0 || !(closed || (inputEnded && received.isEmpty()))) {
            return count;
        }
        IOException cause = error;
        if (cause != null && !closed) {
            throw cause;
        }
        return -1;
    }

    @Override
    public boolean mayHaveMore(int count, byte[] buffer) {
        return inputEnded || !received.isEmpty();
    }

    @Override
    public void resumeReading() {
        onLoop(() -> {
            if (reading == Reading.UNDER_WAY) {
                reading = Reading.UNDER_WAY_AND_WANTED;
            } else if (reading == Reading.NOT_WANTED) {
                readOrWait();
            }
        });
    }

    @Override
    public boolean write(ByteBuffer[] data) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (!isOpen()) { // which the reader will find out, after all that has come before
            return false;
        }
        int room = MOST_UNWRITTEN - unwritten();
        for (int i = 0; i < data.length && room > 0; i++) {
            ByteBuffer piece = data[i];
            int length = Math.min(room, piece.remaining());
            int end = piece.limit();
            piece.limit(piece.position() + length);
            taken = (taken == null ? channel.alloc().buffer(length) : taken).writeBytes(piece);
            piece.limit(end);
            room -= length;
        }
        return room > 0;
    }

    @Override
    public boolean isOpen() {
        return !broken && channel.isActive();
    }

    @Override
    public boolean flush() {
        ByteBuf flushed = taken;
        taken = null;
        if (flushed != null) {
            unwritten.addAndGet(flushed.readableBytes());
            ChannelProgressivePromise promise = channel.newProgressivePromise();
            promise.addListener(new Writing(flushed.readableBytes()));
            channel.writeAndFlush(flushed, promise);
        }
        if (!isOpen()) {
            return false;
        }
        if (unwritten.get() < MOST_UNWRITTEN) {
            return true;
        }
        stalled.set(true);
        return takeRelief();
    }

    /** One flush, on its way to the operating system. */
    private final class Writing implements GenericProgressiveFutureListener<ChannelProgressiveFuture> {

        /** How much of it is not there yet. */
        private int remaining;

        Writing(int length) {
            this.remaining = length;
        }

        /** Not with TLS, where it would be other bytes. */
        @Override
        public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
            if (!secure) {
                int left = (int) (total - progress);
                unwritten.addAndGet(left - remaining);
                remaining = left;
            }
        }

        @Override
        public void operationComplete(ChannelProgressiveFuture future) {
            if (future.isSuccess()) {
                unwritten.addAndGet(-remaining);
                writtenMore();
            } else {
                failed(future.cause());
            }
        }

        /** What is not there will never be. With TLS nobody knows how much that is: then it counts as written, so that nothing is sent twice. */
        private void failed(Throwable cause) {
            broken = true;
            if (secure) {
                unwritten.addAndGet(-remaining);
            }
            if (!(cause instanceof IOException)) {
                exceptionCaught(cause);
            }
            WebSocketConnection waiting = connection;
            if (waiting != null) {
                group.execute(waiting::onWritable);
            }
        }
    }

    private void writtenMore() {
        WebSocketConnection waiting = connection;
        if (waiting != null && (takeRelief() || (isWrittenOrLost() && endAwaited.compareAndSet(true, false)))) {
            group.execute(waiting::onWritable);
        }
    }

    /** Whether the connection is to be told that more can be written; true once. */
    private boolean takeRelief() {
        return (unwritten.get() < MOST_UNWRITTEN || !isOpen()) && stalled.compareAndSet(true, false);
    }

    private boolean isWrittenOrLost() {
        return unwritten.get() == 0 || !isOpen();
    }

    @Override
    public boolean isWritten() {
        if (isWrittenOrLost()) {
            return true;
        }
        endAwaited.set(true);
        return isWrittenOrLost() && endAwaited.compareAndSet(true, false);
    }

    @Override
    public int unwritten() {
        ByteBuf waiting = taken;
        return unwritten.get() + (waiting == null ? 0 : waiting.readableBytes());
    }

    @Override
    public boolean shutdownOutput() {
        if (secure || !(channel instanceof DuplexChannel duplex)) {
            return false;
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(allWritten -> duplex.shutdownOutput());
        return true;
    }

    /** After what was flushed before, which the operating system takes unless its own buffer is full. */
    @Override
    public void close() {
        closed = true;
        if (taken != null) {
            unwritten.addAndGet(taken.readableBytes());
            taken.release();
            taken = null;
        }
        onLoop(channel::close);
    }
}
