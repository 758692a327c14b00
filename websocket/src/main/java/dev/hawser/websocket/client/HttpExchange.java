package dev.hawser.websocket.client;

import dev.hawser.websocket.ConnectFailedException.Response;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, on a channel that is used otherwise afterwards if the response agrees to that. Of a response that refuses, the
 * first 64 KiB of the body are kept.
 */
final class HttpExchange extends SimpleChannelInboundHandler<HttpObject> {

    private static final int MAX_LINE = 4 * 1024;
    private static final int MAX_HEADERS = 32 * 1024;
    private static final int MAX_BODY = 64 * 1024;

    private final HttpClientCodec codec;
    private final boolean tunnel;
    private final Promise<Reply> reply;
    private @Nullable HttpResponse head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /** The connection ended before the response, or the response is not one. */
    static final class FailedExchange extends IOException {

        private static final long serialVersionUID = 1L;

        private final boolean malformed;

        FailedExchange(boolean malformed, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.malformed = malformed;
        }

        boolean isMalformed() {
            return malformed;
        }
    }

    /**
     * A response.
     *
     * @param agreed whether the channel is free for what was asked for
     */
    record Reply(boolean agreed, Response response) {}

    private HttpExchange(Channel channel, boolean tunnel) {
        this.tunnel = tunnel;
        this.reply = channel.eventLoop().newPromise();
        HttpDecoderConfig limits = new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxChunkSize(MAX_BODY);
        this.codec = new HttpClientCodec(limits, false, false);
    }

    /** Sends a request. If the response agrees, nothing of HTTP is left in the channel's pipeline when the reply comes. */
    static HttpExchange send(Channel channel, HttpRequest request) {
        HttpExchange exchange = new HttpExchange(channel, request.method().equals(HttpMethod.CONNECT));
        PipelineEnd.add(channel, exchange.codec);
        PipelineEnd.add(channel, exchange);
        channel.writeAndFlush(request);
        return exchange;
    }

    /** What is answered; a failure is a {@link FailedExchange}, or what TLS throws. */
    Future<Reply> reply() {
        return reply;
    }

    /** Takes what has come of a response that refuses for all of it; false if it has not come so far. */
    boolean cutShort() {
        if (head != null) {
            finish(false, head);
        }
        return head != null;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            Throwable cause = message.decoderResult().cause();
            if (!cutShort()) {
                reply.tryFailure(cause instanceof PrematureChannelClosureException ? ended() : malformed(cause));
            }
            return;
        }
        if (message instanceof HttpResponse response) {
            HttpVersion version = response.protocolVersion();
            if (!tunnel
                    && (!version.protocolName().equals("HTTP") || version.compareTo(HttpVersion.HTTP_1_1) < 0)
                    && response.status().code() == 101) {
                reply.tryFailure(malformed(null)); // "a Status-Line with a status code of 101 as per RFC 2616"
                return;
            }
            int status = response.status().code();
            if (tunnel ? status >= 200 && status <= 299 : status == 101) {
                context.pipeline().remove(this);
                finish(true, response);
            } else if (status >= 200 || status == 101) { // others below 200 are interim (RFC 9110, section 15.2)
                head = response;
            }
        }
        if (message instanceof HttpContent content && head != null) {
            ByteBuf data = content.content();
            byte[] bytes = new byte[Math.min(data.readableBytes(), MAX_BODY - body.size())];
            data.readBytes(bytes);
            body.writeBytes(bytes);
            if (content instanceof LastHttpContent || body.size() == MAX_BODY) {
                finish(false, head);
            }
        }
    }

    private static FailedExchange ended() {
        return new FailedExchange(false, "The connection ended before the response", null);
    }

    private static FailedExchange malformed(@Nullable Throwable cause) {
        return new FailedExchange(
                true, "Expected a response of HTTP/1.1 with headers of at most 32 KiB but was something else", cause);
    }

    private void finish(boolean agreed, HttpResponse response) {
        TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        response.headers().forEach(header -> headers.computeIfAbsent(header.getKey(), name -> new ArrayList<>())
                .add(header.getValue()));
        headers.replaceAll((name, values) -> List.copyOf(values));
        Map<String, List<String>> all = Collections.unmodifiableMap(headers);
        reply.trySuccess(new Reply(agreed, new Response(response.status().code(), all, body.toByteArray())));
    }

    /** Takes HTTP out of the pipeline; what came after the response goes to the handler that is last then. */
    void release(Channel channel) {
        channel.pipeline().remove(codec);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!cutShort()) {
            reply.tryFailure(ended());
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!cutShort()) {
            reply.tryFailure(cause);
        }
    }
}
