package dev.hawser.websocket.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The last handler of a channel. What fails while connecting is told by the future of what has failed; Netty would warn of
 * it in the log, too, with a stack trace.
 */
final class PipelineEnd extends ChannelInboundHandlerAdapter {

    private static final String NAME = "end";

    /** Begins a pipeline. */
    static void addTo(Channel channel) {
        channel.pipeline().addLast(NAME, new PipelineEnd());
    }

    /** Adds a handler as the last one before this. */
    static void add(Channel channel, ChannelHandler handler) {
        channel.pipeline().addBefore(NAME, null, handler);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // is told otherwise
    }
}
