package dev.hawser.websocket.client;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HttpText;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks4ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way through a SOCKS proxy (RFC 1928 and RFC 1929, and SOCKS 4a), which Netty goes. */
final class Socks {

    private final ProxyOptions proxy;
    private final boolean version5;
    private final ProxyHandler handler;

    /** @param address of the proxy */
    Socks(ProxyOptions proxy, SocketAddress address) {
        this.proxy = proxy;
        this.version5 = proxy.type() == ProxyOptions.Type.SOCKS5;
        String user = octets(proxy.user());
        handler = version5
                ? new Socks5ProxyHandler(address, user, octets(proxy.password()))
                : new Socks4ProxyHandler(address, user);
        handler.setConnectTimeoutMillis(0); // there is one for all of it
    }

    /** UTF-8, for Netty writes the low byte of each character. */
    private static @Nullable String octets(@Nullable String text) {
        return text == null ? null : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** Before the channel is connected, which then happens to the proxy. */
    void addTo(Channel channel) {
        PipelineEnd.add(channel, new VersionCheck(version5 ? 5 : 0));
        PipelineEnd.add(channel, handler);
    }

    /** What the proxy is told: a name is its to look up, an address is told as what it is. */
    InetSocketAddress destination(String host, int port) {
        return version5 && ClientUrl.isAddress(host)
                ? new InetSocketAddress(ClientUrl.address(host), port)
                : InetSocketAddress.createUnresolved(host, port);
    }

    /** Calls one of them: the channel leads to the destination, or not. */
    void whenThrough(Runnable through, Consumer<ConnectFailedException> failed) {
        handler.connectFuture().addListener(result -> {
            Throwable cause = result.cause();
            if (cause == null) {
                through.run();
            } else {
                failed.accept(failure(cause));
            }
        });
    }

    private ConnectFailedException failure(Throwable cause) {
        Throwable first = cause.getCause() == null ? cause : cause.getCause();
        if (first instanceof NotSocks) {
            String reason = "Expected an answer of SOCKS but was something else, from the proxy " + proxy;
            return new ConnectFailedException(ConnectFailure.BAD_RESPONSE, reason, cause);
        }
        // "socks5, password, /127.0.0.1:1080 => example.com/<unresolved>:80, status: FORBIDDEN(2)"
        String text = String.valueOf(first.getMessage());
        String was =
                HttpText.printable(text.substring(text.lastIndexOf(", ") + 1).strip(), '?');
        boolean lost = first instanceof IOException && !(first instanceof ProxyConnectException);
        if (lost || was.equals("disconnected")) {
            String reason = "The connection ended before the response, from the proxy " + proxy;
            return new ConnectFailedException(ConnectFailure.DISCONNECTED, reason, cause);
        }
        boolean credentials = was.contains("authStatus") || was.contains("authMethod") || was.contains("IDENTD");
        return new ConnectFailedException(
                credentials ? ConnectFailure.PROXY_AUTHENTICATION : ConnectFailure.PROXY_REFUSED,
                "Expected a way through the proxy " + proxy + " but was " + was,
                cause);
    }

    /** Something else has answered. */
    private static final class NotSocks extends DecoderException {

        private static final long serialVersionUID = 1L;
    }

    /** Netty takes what begins with another version for an answer that refuses. */
    private static final class VersionCheck extends ChannelInboundHandlerAdapter {

        private final int version;

        VersionCheck(int version) {
            this.version = version;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf data && data.isReadable() && data.getByte(data.readerIndex()) != version) {
                ReferenceCountUtil.release(message);
                context.fireExceptionCaught(new NotSocks());
            } else {
                context.pipeline().remove(this);
                context.fireChannelRead(message);
            }
        }
    }
}
