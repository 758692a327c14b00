package dev.hawser.websocket.client;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * One event loop for each processor, by turns. Not one of Netty's groups: those end by way of its global executor, whose thread
 * is no daemon.
 */
final class EventLoops {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ThreadFactory threads = new DefaultThreadFactory("hawser-client", true);
    private final List<EventLoop> loops = IntStream.range(
                    0, Runtime.getRuntime().availableProcessors())
            .<EventLoop>mapToObj(i -> new SingleThreadIoEventLoop(null, threads, NioIoHandler.newFactory()))
            .toList();
    private final AtomicInteger next = new AtomicInteger();

    EventLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /** Closes all channels, and waits for the threads to end. */
    void close() {
        loops.forEach(loop -> loop.shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        try {
            for (EventLoop loop : loops) {
                loop.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
