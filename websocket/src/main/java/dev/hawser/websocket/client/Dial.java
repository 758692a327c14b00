package dev.hawser.websocket.client;

import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.ConnectFailedException.Response;
import dev.hawser.websocket.client.HttpExchange.FailedExchange;
import dev.hawser.websocket.client.HttpExchange.Reply;
import dev.hawser.websocket.connection.ClientConnection;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.connection.WebSocketConnection.Peer;
import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.NegotiationException;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.ClientHandshake;
import dev.hawser.websocket.handshake.ClientHandshakeException;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.protocol.Driver;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to connect, in the order of the methods: look up the host or the proxy, connect to one of its addresses, TLS to the
 * proxy, CONNECT or SOCKS, TLS to the server, handshake; from there to the open connection, or to where a redirect leads.
 *
 * <p>All of it belongs to one event loop, but {@link #lookUp}, which may block.
 */
final class Dial {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.websocket.handshake");

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final WebSocketClient client;
    private final ConnectionGroup group;
    private final ClientOptions options;
    private final ClientConnection.Attempt attempt;
    private final HandshakeObserver handshakes;
    private final EventLoop loop;

    private ClientUrl url;
    private int redirects;
    /** Whether a redirect has led to another origin, which must not see what was meant for the first. */
    private boolean foreign;

    private @Nullable ProxyOptions proxy;
    private @Nullable Channel channel;
    private @Nullable HttpExchange exchange;
    private @Nullable ScheduledFuture<?> timeout;
    private HandshakeObserver.Handshake observed = HandshakeObserver.Handshake.NONE;
    private boolean ended;

    Dial(
            WebSocketClient client,
            ClientOptions options,
            ClientUrl url,
            ClientConnection.Attempt attempt,
            HandshakeObserver handshakes) {
        this.client = client;
        this.group = client.group();
        this.options = options;
        this.url = url;
        this.attempt = attempt;
        this.handshakes = handshakes;
        this.loop = client.loops().next();
    }

    /** Begins; what is returned gives up. */
    Runnable start() {
        onLoop(() -> {
            observed = handshakes.begin(url.hostAndPort());
            begin();
        });
        return () -> onLoop(this::giveUp);
    }

    private void giveUp() {
        if (!ended) {
            end();
            observed.abandoned();
        }
    }

    private void onLoop(Runnable step) {
        try {
            loop.execute(() -> take(step));
        } catch (RejectedExecutionException closed) {
            // as the client is, and with it the socket that waits for this
        }
    }

    /** An extension or a selection of the application may throw, which Netty would only log. */
    private void take(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error broken) {
            fail(ConnectFailure.UNREACHABLE, "Cannot connect: " + shown(broken), broken);
        }
    }

    private void begin() {
        within(options.connectTimeout(), ConnectFailure.CONNECT_TIMEOUT, "connection");
        group.execute(this::lookUp);
    }

    /** On a thread that may block. */
    private void lookUp() {
        try {
            if (url.socketPath() != null) {
                SocketAddress socket = UnixDomainSocketAddress.of(url.socketPath());
                onLoop(() -> connect(List.of(socket), 0));
                return;
            }
            ProxyOptions selected = options.proxy().select(url.secure(), url.host(), url.port());
            String host = selected == null ? url.host() : selected.host();
            int port = selected == null ? url.port() : selected.port();
            List<SocketAddress> addresses = List.of(InetAddress.getAllByName(host)).stream()
                    .<SocketAddress>map(address -> new InetSocketAddress(address, port))
                    .toList();
            onLoop(() -> {
                proxy = selected;
                connect(addresses, 0);
            });
        } catch (UnknownHostException unknown) {
            onLoop(() -> fail(ConnectFailure.UNKNOWN_HOST, "No address is known for " + shown(unknown), unknown));
        } catch (RuntimeException | Error wrong) {
            onLoop(() -> fail(ConnectFailure.UNREACHABLE, "Cannot connect: " + shown(wrong), wrong));
        }
    }

    // ---- TCP.

    private void connect(List<SocketAddress> addresses, int index) {
        if (ended) {
            return;
        }
        SocketAddress address = addresses.get(index);
        boolean unix = url.socketPath() != null;
        ProxyOptions through = proxy;
        Socks socks = through == null || through.type().isHttp() ? null : new Socks(through, address);
        long patience = options.connectTimeout().toMillis() / (addresses.size() - index);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(unix ? NioDomainSocketChannel.class : NioSocketChannel.class)
                .disableResolver()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, Math.min(patience, Integer.MAX_VALUE)))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        PipelineEnd.addTo(opened);
                        if (socks != null) {
                            socks.addTo(opened);
                        }
                    }
                });
        if (!unix) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
        // With SOCKS, the channel connects to the proxy instead.
        ChannelFuture connecting =
                bootstrap.connect(socks == null ? address : socks.destination(url.host(), url.port()));
        channel = connecting.channel();
        connecting.addListener(connected -> take(() -> {
            if (ended) {
                connecting.channel().close();
            } else if (connected.isSuccess()) {
                within(options.handshakeTimeout(), ConnectFailure.HANDSHAKE_TIMEOUT, "response");
                connected(connecting.channel(), socks);
            } else if (index + 1 < addresses.size()) {
                connect(addresses, index + 1);
            } else {
                String to = unix ? "the socket " + HttpText.printable(address.toString(), '?') : target();
                fail(
                        ConnectFailure.UNREACHABLE,
                        "Cannot connect to " + to + ": " + shown(cause(connected)),
                        cause(connected));
            }
        }));
    }

    /** Who is at the other end of the TCP connection. */
    private String target() {
        return proxy == null ? url.hostAndPort() : "the proxy " + proxy;
    }

    // ---- The proxy.

    private void connected(Channel opened, @Nullable Socks socks) {
        ProxyOptions through = proxy;
        if (socks != null) {
            socks.whenThrough(() -> take(() -> throughProxy(opened)), this::fail);
        } else if (through == null) {
            throughProxy(opened);
        } else if (through.type() == ProxyOptions.Type.HTTPS) {
            secure(opened, through.tls(), target(), through.host(), through.port(), () -> tunnel(opened, through));
        } else {
            tunnel(opened, through);
        }
    }

    /** RFC 9110, section 9.3.6. */
    private void tunnel(Channel opened, ProxyOptions through) {
        HttpRequest request = request(HttpMethod.CONNECT, url.hostAndPort());
        request.headers().set("Host", url.hostAndPort());
        through.headers().forEach((name, value) -> request.headers().set(name, value.strip()));
        if (through.user() != null) {
            String password = through.password();
            request.headers()
                    .set("Proxy-Authorization", ClientUrl.basic(through.user(), password == null ? "" : password));
        }
        HttpExchange connect = HttpExchange.send(opened, request);
        exchange = connect;
        connect.reply()
                .addListener((Future<Reply> answered) -> take(() -> {
                    if (!answered.isSuccess()) {
                        exchangeFailed("the proxy " + through, cause(answered));
                    } else if (!answered.getNow().agreed()) {
                        Response refused = answered.getNow().response();
                        boolean credentials =
                                refused.status() == 407 || refused.status() == 401; // tinyproxy, to wrong ones
                        ConnectFailure failure =
                                credentials ? ConnectFailure.PROXY_AUTHENTICATION : ConnectFailure.PROXY_REFUSED;
                        String reason = "Expected status 200 of the proxy " + through + " but was " + refused.status();
                        fail(new ConnectFailedException(failure, reason, null, refused));
                    } else {
                        exchange = null;
                        connect.release(opened);
                        throughProxy(opened);
                    }
                }));
    }

    private void throughProxy(Channel opened) {
        if (url.secure()) {
            secure(opened, options.tls(), url.hostAndPort(), url.host(), url.port(), () -> shakeHands(opened));
        } else {
            shakeHands(opened);
        }
    }

    // ---- TLS.

    private void secure(Channel opened, TlsOptions tls, String with, String host, int port, Runnable next) {
        if (ended) {
            return;
        }
        SslHandler handler;
        try {
            handler = new SslHandler(tls.engine(host, port), group::execute);
        } catch (RuntimeException wrong) {
            fail(ConnectFailure.TLS_FAILED, "TLS is not set up: " + shown(wrong), wrong);
            return;
        }
        handler.setHandshakeTimeoutMillis(0); // there is one for all of it
        PipelineEnd.add(opened, handler);
        handler.handshakeFuture()
                .addListener(secured -> take(() -> {
                    if (secured.isSuccess()) {
                        next.run();
                    } else if (!opened.isActive()) {
                        String reason = "The connection ended during the handshake of TLS, with " + with;
                        fail(ConnectFailure.DISCONNECTED, reason, cause(secured));
                    } else {
                        tlsFailed(with, cause(secured));
                    }
                }));
    }

    private void tlsFailed(String with, Throwable cause) {
        String why = shown(cause);
        if (isOrComesOf(cause, CertificateExpiredException.class)) { // which tells a date only
            why = "a certificate has expired, " + why;
        } else if (isOrComesOf(cause, CertificateNotYetValidException.class)) {
            why = "a certificate is not valid yet, " + why;
        } else if (isOrComesOf(cause, NotSslRecordException.class)) { // which shows all that has come
            why = "expected a record of TLS but was something else";
        }
        fail(ConnectFailure.TLS_FAILED, "TLS with " + with + " failed: " + why, cause);
    }

    // ---- The handshake.

    private void shakeHands(Channel opened) {
        if (ended) {
            return;
        }
        byte[] nonce = new byte[16];
        client.random().nextBytes(nonce);
        Negotiation.Client extensions = new Negotiation.Client(
                options.socket().extensions(), options.socket().limits().maxLength());
        ClientHandshake handshake = new ClientHandshake(
                options.version(),
                ClientHandshake.key(nonce),
                options.socket().protocols(),
                extensions.offers(),
                options.origin());
        HttpExchange upgrade = HttpExchange.send(opened, upgradeRequest(handshake));
        exchange = upgrade;
        upgrade.reply()
                .addListener((Future<Reply> answered) -> take(() -> {
                    if (!answered.isSuccess()) {
                        exchangeFailed(url.hostAndPort(), cause(answered));
                    } else if (REDIRECTS.contains(answered.getNow().response().status())
                            && options.maxRedirects() > 0) {
                        redirect(answered.getNow());
                    } else {
                        answered(opened, upgrade, answered.getNow(), handshake, extensions);
                    }
                }));
    }

    private HttpRequest upgradeRequest(ClientHandshake handshake) {
        HttpRequest request = request(HttpMethod.GET, url.target());
        request.headers().set("Host", url.authority());
        handshake.headers().forEach(request.headers()::set);
        if (!foreign) {
            observed.headers().forEach((name, value) -> {
                if (ClientOptions.isHeader(name, value)) {
                    request.headers().set(name, value);
                }
            });
            if (url.authorization() != null) {
                request.headers().set("Authorization", url.authorization());
            }
            options.socket().headers().forEach((name, value) -> request.headers()
                    .set(name, value.strip()));
        }
        return request;
    }

    private static HttpRequest request(HttpMethod method, String target) {
        return new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, target, Unpooled.EMPTY_BUFFER);
    }

    private void answered(
            Channel opened,
            HttpExchange upgrade,
            Reply reply,
            ClientHandshake handshake,
            Negotiation.Client extensions) {
        ClientHandshake.Agreed agreed;
        Pipeline pipeline;
        try {
            agreed = handshake.check(reply.response(), options.requireProtocol());
            pipeline =
                    extensions.activate(agreed.extensions(), client.observer().webSocket(options.name())::transformed);
        } catch (ClientHandshakeException refused) {
            fail(new ConnectFailedException(
                    refused.failure(), String.valueOf(refused.getMessage()), null, reply.response()));
            return;
        } catch (NegotiationException refused) {
            fail(new ConnectFailedException(ConnectFailure.BAD_EXTENSION, shown(refused), refused, reply.response()));
            return;
        }
        open(opened, upgrade, reply, agreed, pipeline);
    }

    private void open(
            Channel opened, HttpExchange upgrade, Reply reply, ClientHandshake.Agreed agreed, Pipeline pipeline) {
        Driver driver = Driver.forClient(
                options.version(), options.socket().limits(), options.socket().framing(), pipeline, client.masks());
        String remote = opened.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
        String protocol = agreed.protocol();
        Peer peer =
                new Peer(url.toString(), url.path(), protocol == null ? "" : protocol, pipeline.agreed(), null, remote);
        boolean secure = opened.pipeline().get(SslHandler.class) != null;
        NettyTransport transport = new NettyTransport(opened, secure, group);
        WebSocketConnection connection = attempt.connected(driver, peer, reply.response(), transport);
        if (connection == null) {
            pipeline.close();
            giveUp();
            return;
        }
        opened.config().setAutoRead(false);
        opened.config().setAutoClose(false); // if a write fails, what the server has said before can still be read
        if (!secure) {
            opened.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        PipelineEnd.add(opened, transport);
        upgrade.release(opened);
        transport.connect(connection);
        channel = null; // is the transport's
        end();
        observed.opened(reply.response().status());
        group.execute(() -> connection.open(transport));
    }

    private void redirect(Reply reply) {
        if (redirects == options.maxRedirects()) {
            fail(new ConnectFailedException(
                    ConnectFailure.TOO_MANY_REDIRECTS,
                    "Expected at most " + redirects + " redirects (max-redirects) but was one more",
                    null,
                    reply.response()));
            return;
        }
        List<String> locations = reply.response().headers("Location");
        ClientUrl next;
        try {
            if (locations.size() != 1) {
                throw new IllegalArgumentException("Expected one Location but was " + locations.size());
            }
            next = url.resolve(locations.get(0));
        } catch (IllegalArgumentException wrong) {
            fail(new ConnectFailedException(ConnectFailure.BAD_REDIRECT, shown(wrong), null, reply.response()));
            return;
        }
        redirects++;
        foreign |= !next.isSameOrigin(url);
        url = next;
        exchange = null;
        if (channel != null) {
            channel.close();
            channel = null;
        }
        begin();
    }

    // ---- The end.

    private void exchangeFailed(String with, Throwable cause) {
        if (cause instanceof FailedExchange failed && failed.isMalformed()) {
            fail(ConnectFailure.BAD_RESPONSE, shown(cause) + ", from " + with, cause);
        } else if (isOrComesOf(
                cause, SSLException.class)) { // TLS 1.3: a refused client hears of it after its handshake
            tlsFailed(with, cause);
        } else {
            fail(ConnectFailure.DISCONNECTED, shown(cause) + ", from " + with, cause);
        }
    }

    /** Replaces the time-out that runs. */
    private void within(Duration patience, ConnectFailure failure, String what) {
        cancelTimeout();
        timeout = loop.schedule(
                () -> {
                    if (exchange == null || !exchange.cutShort()) {
                        String property = failure.id();
                        fail(failure, "Expected a " + what + " within " + patience + " (" + property + ")", null);
                    }
                },
                patience.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
    }

    private void fail(ConnectFailure failure, String reason, @Nullable Throwable cause) {
        fail(new ConnectFailedException(failure, reason, cause));
    }

    private void fail(ConnectFailedException failure) {
        if (ended) {
            return;
        }
        end();
        log.debug("Connecting to {} failed: {}", HttpText.printable(url.hostAndPort(), '?'), failure.getMessage());
        try {
            client.observer().failed(options.name(), failure.failure());
            observed.failed(failure);
        } finally {
            attempt.failed(failure);
        }
    }

    private void end() {
        ended = true;
        cancelTimeout();
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    private static Throwable cause(Future<?> failed) {
        Throwable cause = failed.cause();
        return cause == null ? new IllegalStateException("cancelled") : cause;
    }

    private static boolean isOrComesOf(Throwable failure, Class<? extends Throwable> type) {
        return type.isInstance(failure) || (failure.getCause() != null && isOrComesOf(failure.getCause(), type));
    }

    /** What it says, on one line: some of that may come from the peer. */
    private static String shown(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String text = deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
        return HttpText.printable(text.length() > 300 ? text.substring(0, 300) + "..." : text, '?');
    }
}
