package dev.hawser.websocket.servlet;

import static dev.hawser.websocket.servlet.RawClient.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.stream.WebSocketStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Handshakes that are decided after their servlet has returned, byte by byte over real sockets. */
@ParameterizedClass
@EnumSource
class DeferredTests {

    private interface Controller {

        void handle(WebSocketRequest request, HttpServletResponse response) throws IOException;
    }

    private ConnectionGroup group = ConnectionGroup.create();
    private final BlockingQueue<WebSocketRequest> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final Container container;
    private RunningServer server;

    DeferredTests(Container container) {
        this.container = container;
    }

    private void serve(Controller controller) {
        serve(WebSocketOptions.DEFAULT, true, controller);
    }

    private void serve(WebSocketOptions options, boolean completed, Controller controller) {
        server = container.start((request, response) -> {
            ServletUpgrade upgrade = ServletUpgrade.check(
                    request,
                    response,
                    new ServletUpgrade.Setup(
                            options,
                            WebSocketObserver.NONE,
                            group,
                            "/echo",
                            Map.of("room", "lobby"),
                            cause -> events.add("refused " + cause.id()),
                            completed));
            if (upgrade != null) {
                controller.handle(upgrade, response);
                if (completed) {
                    upgrade.complete();
                }
                requests.add(upgrade);
            }
        });
    }

    @AfterEach
    void stop() {
        group.close();
        server.close();
    }

    private RawClient ask(String... headers) throws IOException {
        RawClient client = new RawClient(server.port());
        client.out.write(client.handshake(headers));
        return client;
    }

    private WebSocketRequest request() throws InterruptedException {
        WebSocketRequest request = requests.poll(10, TimeUnit.SECONDS);
        assertThat(request).isNotNull();
        return request;
    }

    private String event() throws InterruptedException {
        return events.poll(10, TimeUnit.SECONDS);
    }

    @Test
    void aRequestThatIsAcceptedLaterBecomesAWebSocket() throws Exception {
        serve((request, response) -> {
            response.setHeader("X-Filter", "yes");
            response.addHeader("Set-Cookie", "a=1");
            response.addHeader("Set-Cookie", "b=2");
            request.onAccepted(socket -> events.add("accepted " + socket.protocol()));
            request.defer();
        });
        try (RawClient client = ask("Sec-WebSocket-Protocol: chat, chat.v2")) {
            WebSocketRequest request = request();
            assertThat(group.size()).isZero();
            WebSocket socket = request.accept("chat.v2", options -> options.headers(Map.of("X-Own", "1")));
            socket.onMessage(socket::send);
            assertThat(event()).isEqualTo("accepted chat.v2");
            assertThat(client.response())
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
                    .contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .contains("\r\nSec-WebSocket-Protocol: chat.v2\r\n", "\r\nX-Own: 1\r\n", "\r\nX-Filter: yes\r\n")
                    .contains("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
            client.send(text("one"), text("two"));
            assertThat(client.read().text()).isEqualTo("one");
            assertThat(client.read().text()).isEqualTo("two");
            assertThat(group.size()).isEqualTo(1);
        }
    }

    @Test
    void whatIsSentBeforeTheServletHasReturnedFollowsTheHandshake() throws Exception {
        serve((request, response) -> {
            request.defer();
            CompletableFuture.runAsync(() -> request.accept().send("early")).join();
        });
        try (RawClient client = ask()) {
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            assertThat(client.read().text()).isEqualTo("early");
        }
    }

    @Test
    void whoAcceptsLaterMayWaitForTheSocketEvenBeforeTheServletHasReturned() throws Exception {
        CountDownLatch accepted = new CountDownLatch(1);
        serve((request, response) -> {
            request.onAccepted(socket -> accepted.countDown());
            request.defer();
            CompletableFuture.runAsync(() -> {
                try {
                    events.add("read "
                            + WebSocketStream.of(request.accept()).reader().read());
                } catch (IOException | RuntimeException failed) {
                    events.add(failed.toString());
                }
            });
            try {
                assertThat(accepted.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        });
        try (RawClient client = ask()) {
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            client.send(text("A"));
            assertThat(event()).isEqualTo("read 65");
        }
    }

    @Test
    void whatComesBeforeThereIsAListenerWaitsForIt() throws Exception {
        serve((request, response) -> request.defer());
        try (RawClient client = ask()) {
            WebSocket socket = request().accept();
            client.response();
            client.send(text("early"));
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            socket.onOpen(() -> heard.add("open"));
            socket.onMessage(message -> heard.add(message.text()));
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("open");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("early");
        }
    }

    @Test
    void aConnectionWithoutListenersHearsOfItsEndNevertheless() throws Exception {
        serve((request, response) -> request.defer());
        WebSocket socket;
        try (RawClient client = ask()) {
            socket = request().accept();
            client.response();
        }
        socket.onClose((code, reason) -> events.add("closed " + code));
        assertThat(event()).isEqualTo("closed 1006");
    }

    @Test
    void aRequestCanBeRejectedLater() throws Exception {
        serve((request, response) -> {
            response.setHeader("X-Filter", "yes");
            request.onRejected((status, reason) -> events.add(status + " " + reason));
            request.defer();
        });
        try (RawClient client = ask()) {
            request().reject(401, "Log in\r\nfirst", Map.of("WWW-Authenticate", "Bearer"));
            assertThat(client.responseWithBody())
                    .startsWith("HTTP/1.1 401 ")
                    .contains("\r\nWWW-Authenticate: Bearer\r\n", "\r\nX-WebSocket-Reject-Reason: Log in  first\r\n")
                    .contains("\r\nX-Filter: yes\r\n")
                    .endsWith("\r\n\r\nLog in  first\n");
            assertThat(client.isAtEnd()).isTrue();
        }
        assertThat(event()).isEqualTo("refused " + Cause.REJECTED.id());
        assertThat(event()).isEqualTo("401 Log in  first");
    }

    @Test
    void aDecisionThatDoesNotComeInTimeIsARejection() throws Exception {
        serve((request, response) -> {
            request.onRejected((status, reason) -> events.add(status + " " + reason));
            request.defer(Duration.ofMillis(50));
        });
        try (RawClient client = ask()) {
            assertThat(client.responseWithBody())
                    .startsWith("HTTP/1.1 503 ")
                    .endsWith("\r\n\r\nNot decided within 50 ms\n");
            assertThat(client.isAtEnd()).isTrue();
        }
        assertThat(event()).isEqualTo("refused undecided");
        assertThat(event()).isEqualTo("503 Not decided within 50 ms");
        assertThatThrownBy(request()::accept)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("This request was rejected with 503 before");
    }

    @Test
    void theTimeoutIsThatOfTheOptionsUnlessAnotherIsGiven() throws Exception {
        serve(
                WebSocketOptions.DEFAULT.with(options -> options.handshakeTimeout(Duration.ofMillis(20))),
                false,
                (request, response) -> request.defer());
        try (RawClient client = ask()) {
            assertThat(client.responseWithBody()).endsWith("Not decided within 20 ms\n");
        }
    }

    @Test
    void noThreadWaitsForADecision() throws Exception {
        serve((request, response) -> request.defer());
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 300; i++) { // Tomcat has 200 threads
            clients.add(ask());
        }
        await().until(() -> requests.size() == clients.size());
        for (WebSocketRequest request : requests) {
            request.accept().close(4000, "done");
        }
        for (RawClient client : clients) {
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            assertThat(client.read().closeCode()).isEqualTo(4000);
            client.close();
        }
    }

    @Test
    void aClientThatGoesMeanwhileCostsNothing() throws Exception {
        serve((request, response) -> request.defer());
        try (RawClient first = ask();
                RawClient second = ask()) {
            first.reset();
            second.socket.shutdownOutput();
        }
        for (int i = 0; i < 2; i++) {
            WebSocketRequest request = request();
            request.accept().onClose((code, reason) -> events.add("closed " + code));
            assertThat(event()).isEqualTo("closed 1006");
        }
        await().until(() -> group.size() == 0);
    }

    @Test
    void aRequestThatIsUndecidedWhenItsGroupShutsDownIsRefusedAtOnce() throws Exception {
        serve((request, response) -> {
            request.onRejected((status, reason) -> events.add("rejected " + status + " " + reason));
            request.defer(Duration.ofDays(1));
        });
        try (RawClient client = ask();
                RawClient other = ask()) {
            request().reject(403, "no"); // whichever it is of both
            WebSocketRequest request = request();
            assertThat(event()).isEqualTo("refused rejected");
            assertThat(event()).isEqualTo("rejected 403 no");
            group.goAway(() -> events.add("empty"));
            assertThat(List.of(client.responseWithBody(), other.responseWithBody()))
                    .anyMatch(response -> response.startsWith("HTTP/1.1 403 "))
                    .anyMatch(response -> response.startsWith("HTTP/1.1 503 ")
                            && response.contains("\r\nRetry-After: 1\r\n")
                            && response.endsWith("The server is shutting down\n"));
            assertThat(event()).isEqualTo("refused shutting-down");
            assertThat(event()).isEqualTo("rejected 503 The server is shutting down");
            assertThat(event()).isEqualTo("empty");
            assertThatThrownBy(request::accept).hasMessage("This request was rejected with 503 before");
        }
    }

    @Test
    void aRequestThatIsDeferredWhileItsGroupShutsDownIsRefusedAtOnce() throws Exception {
        serve((request, response) -> {
            group.goAway();
            request.defer(Duration.ofDays(1));
        });
        try (RawClient client = ask()) {
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
        }
        assertThat(event()).isEqualTo("refused shutting-down");
    }

    @Test
    void aRequestThatIsUndecidedWhenItsGroupIsClosedIsRefusedAtOnce() throws Exception {
        serve((request, response) -> request.defer(Duration.ofDays(1)));
        try (RawClient client = ask()) {
            request();
            group.close();
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void aRequestThatIsAcceptedWhileItsGroupShutsDownIsRefused() throws Exception {
        BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>(); // one of which is to refuse it
        group = new ConnectionGroup(tasks::add);
        serve((request, response) -> request.defer());
        try (RawClient client = ask()) {
            WebSocketRequest request = request();
            group.goAway(() -> events.add("empty"));
            WebSocket socket = request.accept();
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
            socket.onClose((code, reason) -> events.add("closed " + code));
            assertThat(event()).isEqualTo("refused shutting-down");
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
        }
        assertThat(List.of(event(), event())).containsExactlyInAnyOrder("empty", "closed 1006");
    }

    @Test
    void listenersCanReadTheRequestThatWasAcceptedAtOnce() throws Exception {
        serve((request, response) -> request.accept()
                .onMessage(message -> events.add(request.resource() + " " + request.header("X-A") + " "
                        + request.cookies() + " " + request.remoteAddress())));
        try (RawClient client = ask("X-A: 1", "Cookie: a=1")) {
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            client.send(text("now"));
            assertThat(event()).isEqualTo("/echo 1 {a=1} 127.0.0.1");
            WebSocketRequest request = request();
            assertThatThrownBy(() -> request.unwrap(HttpServletRequest.class))
                    .hasMessageContaining("its thread has gone on");
        }
    }

    @Test
    void theRequestCanStillBeReadButTheContainersIsOver() throws Exception {
        serve((request, response) -> {
            assertThat(request.unwrap(HttpServletRequest.class).getMethod()).isEqualTo("GET");
            assertThatThrownBy(() -> request.unwrap(String.class)).isInstanceOf(IllegalArgumentException.class);
            request.defer();
        });
        String[] headers = {"Cookie: a=1; b=2; a=3", "X-A: 1", "X-A: 2", "Origin: http://127.0.0.1:" + 0};
        headers[3] = "Origin: http://127.0.0.1:" + server.port();
        try (RawClient client = ask(headers)) {
            WebSocketRequest request = request();
            for (int i = 0; i < 20; i++) { // so that Tomcat uses its request again
                try (RawClient other = ask("X-A: other", "Cookie: a=other")) {
                    request().reject(403, "no");
                    other.response();
                }
            }
            String host = "127.0.0.1:" + server.port();
            assertThat(request.url()).isEqualTo("ws://" + host + "/echo");
            assertThat(request.host()).isEqualTo(host);
            assertThat(request.path()).isEqualTo("/echo");
            assertThat(request.resource()).isEqualTo("/echo");
            assertThat(request.pathVariables()).isEqualTo(Map.of("room", "lobby"));
            assertThat(request.origin()).isEqualTo("http://" + host);
            assertThat(request.headers("x-a")).containsExactly("1", "2");
            assertThat(request.header("x-a")).isEqualTo("1");
            assertThat(request.header("X-None")).isNull();
            assertThat(request.cookies()).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThat(request.remoteAddress()).isEqualTo("127.0.0.1");
            assertThat(request.principal()).isNull();
            assertThatThrownBy(() -> request.unwrap(HttpServletRequest.class))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("its thread has gone on");
            request.accept();
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void aRequestIsDecidedOnce() throws Exception {
        serve((request, response) -> {
            request.defer();
            assertThatThrownBy(request::defer).hasMessage("This request was deferred before");
            assertThatThrownBy(() -> request.defer(Duration.ZERO)).hasMessageContaining("longer than zero");
        });
        try (RawClient client = ask()) {
            WebSocketRequest request = request();
            request.accept();
            assertThatThrownBy(request::accept)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("This request was accepted before");
            assertThatThrownBy(() -> request.reject(403, "no")).hasMessage("This request was accepted before");
            assertThatThrownBy(request::defer).hasMessage("This request was accepted before");
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void aServletThatThrowsAfterItHasDeferredIsAnsweredAsUsual() throws Exception {
        serve((request, response) -> {
            request.onRejected((status, reason) -> events.add(status + " " + reason));
            request.defer();
            requests.add(request);
            ((ServletUpgrade) request).discard();
            response.sendError(418);
        });
        try (RawClient client = ask()) {
            assertThat(client.response()).startsWith("HTTP/1.1 418 ");
            assertThatThrownBy(request()::accept).hasMessageContaining("discarded");
            assertThat(event()).isEqualTo("500 Internal error");
        }
        assertThat(group.size()).isZero();
    }

    @Test
    void anAcceptListenerThatThrowsIsAnInternalErrorAlsoForTheClient() throws Exception {
        serve((request, response) -> {
            request.onAccepted(socket -> {
                socket.onClose((code, reason) -> events.add("closed " + code));
                throw new IllegalStateException("on purpose");
            });
            request.defer();
        });
        try (RawClient client = ask()) {
            assertThatThrownBy(request()::accept).hasMessage("on purpose");
            assertThat(client.response()).startsWith("HTTP/1.1 500 ");
            assertThat(event()).isEqualTo("closed 1006");
        }
    }

    @Test
    void withoutTheValveItSaysWhatIsMissing() throws Exception {
        serve((request, response) -> {});
        try (TestServer plain = new TestServer((request, response) -> {
                    try {
                        ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                                .defer();
                    } catch (IllegalStateException missing) {
                        events.add(missing.getMessage());
                        response.sendError(500);
                    }
                });
                RawClient client = new RawClient(plain.port())) {
            client.out.write(client.handshake());
            assertThat(client.response()).startsWith("HTTP/1.1 500 ");
            assertThat(event()).contains("addValve(new HandshakeValve())");
        }
    }

    @Test
    void aClientThatDidNotAskForTheSubprotocolIsRejectedNowOrLater() throws Exception {
        serve((request, response) -> {
            request.onRejected((status, reason) -> events.add(status + " " + reason));
            if (request.header("X-Later") == null) {
                events.add(request.accept("chat.v2").state().toString());
            } else {
                request.defer();
            }
        });
        String reason = "Expected a client that asks for the subprotocol \"chat.v2\"";
        try (RawClient client = ask("Sec-WebSocket-Protocol: chat")) {
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 400 ").endsWith(reason + "\n");
            assertThat(event()).isEqualTo("refused bad-protocol");
            assertThat(event()).isEqualTo("400 " + reason);
            assertThat(event()).isEqualTo("CLOSED");
            request();
        }
        try (RawClient client = ask("X-Later: 1")) {
            assertThat(request().accept("chat.v2").state()).isEqualTo(ReadyState.CLOSED);
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 400 ").endsWith(reason + "\n");
        }
    }

    @Test
    void aHeaderThatIsNoneIsRefusedBeforeAnythingIsDecided() throws Exception {
        serve((request, response) -> {
            assertThatThrownBy(() -> request.reject(401, "x", Map.of("A\r\nB", "c")))
                    .hasMessageContaining("\"A??B\"");
            assertThatThrownBy(() -> request.reject(401, "x", Map.of("A", "b\r\nC: d")))
                    .hasMessageContaining("header A");
            assertThatThrownBy(() -> request.reject(401, "x", Map.of("content-length", "3")))
                    .hasMessageContaining("content-length");
            assertThatThrownBy(() -> request.reject(200, "x")).hasMessageContaining("200");
            request.reject(302, "Elsewhere", Map.of("Location", "/other"));
        });
        try (RawClient client = ask()) {
            assertThat(client.response()).startsWith("HTTP/1.1 302 ").contains("\r\nLocation: /other\r\n");
        }
    }

    /** Tomcat has read it with the request, so that no poller sees it. */
    @Test
    void whatTheClientSendsTogetherWithItsRequestIsHeard() throws Exception {
        serve((request, response) -> request.defer());
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.handshake(), text("early"));
            WebSocketRequest request = request();
            await().until(server::isIdle);
            WebSocket socket = request.accept();
            socket.onMessage(message -> events.add(message.text()));
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            assertThat(event()).isEqualTo("early");
        }
    }

    /** It waits in a buffer of the container's, of which no poller tells; in most runs the listener is called by another thread than the container's. */
    @Test
    void andSoItIsAfterAListenerThatTakesItsTime() throws Exception {
        serve((request, response) -> request.defer());
        CountDownLatch goOn = new CountDownLatch(1);
        try (RawClient client = new RawClient(server.port())) {
            client.send(client.handshake(), text("early"));
            WebSocketRequest request = request();
            await().until(server::isIdle);
            request.onAccepted(socket -> {
                socket.onOpen(() -> await().until(() -> goOn.getCount() == 0));
                socket.onMessage(message -> events.add(message.text()));
            });
            request.accept();
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            assertThat(events.poll(300, TimeUnit.MILLISECONDS)).isNull(); // long enough for Tomcat to have tried
            goOn.countDown();
            assertThat(event()).isEqualTo("early");
        } finally {
            goOn.countDown();
        }
    }

    /** Its request has a body that Tomcat does not know of. */
    @Test
    void draft76CanBeAcceptedLater() throws Exception {
        serve(
                WebSocketOptions.DEFAULT.with(options -> options.allowDrafts(true)),
                true,
                (request, response) -> request.defer());
        try (RawClient client = new RawClient(server.port())) {
            client.send(
                    client.request(
                            "GET /demo HTTP/1.1",
                            "Connection: Upgrade",
                            "Upgrade: WebSocket",
                            "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00",
                            "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5"),
                    "^n:ds[4U".getBytes(StandardCharsets.US_ASCII));
            WebSocketRequest request = request();
            await().until(server::isIdle);
            request.accept();
            assertThat(client.response()).startsWith("HTTP/1.1 101 ");
            assertThat(new String(client.in.readNBytes(16), StandardCharsets.US_ASCII))
                    .isEqualTo("8jKS'y:G*Co,Wxa-");
        }
    }

    @Test
    void theSocketOfAClientThatHasGoneIsClosed() throws Exception {
        serve((request, response) -> request.defer());
        try (RawClient client = ask()) {
            WebSocketRequest request = request();
            await().until(server::isIdle);
            client.reset();
            request.accept();
        }
        await().until(() -> server.connections() == 0);
    }

    @Test
    void anExtensionThatThrowsIsAnInternalErrorAlsoForTheClient() throws Exception {
        serve(WebSocketOptions.DEFAULT.with(options -> options.extensions(new Broken())), true, (request, response) -> {
            request.onRejected((status, reason) -> events.add(status + " " + reason));
            request.defer();
        });
        try (RawClient client = ask("Sec-WebSocket-Extensions: broken")) {
            assertThatThrownBy(request()::accept).hasMessage("on purpose");
            assertThat(client.responseWithBody()).startsWith("HTTP/1.1 500 ");
            assertThat(client.isAtEnd()).isTrue();
        }
        assertThat(event()).isEqualTo("500 Internal error");
    }

    @Test
    void headersOfTheDecisionTakeThePlaceOfThoseOfFilters() throws Exception {
        serve((request, response) -> {
            response.setHeader("Cache-Control", "filter");
            response.setHeader("Content-Length", "7");
            request.defer();
        });
        try (RawClient client = ask()) {
            request().reject(403, "no", Map.of("cache-control", "own"));
            assertThat(client.responseWithBody())
                    .containsIgnoringCase("\r\ncache-control: own\r\n")
                    .doesNotContain("filter");
        }
        try (RawClient client = ask()) {
            request().accept(null, options -> options.headers(Map.of("cache-control", "own")));
            assertThat(client.response())
                    .containsIgnoringCase("\r\ncache-control: own\r\n")
                    .doesNotContain("filter");
        }
    }

    /** Throws when it is to be agreed on. */
    private record Broken() implements Extension {

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public int reserved() {
            return 0;
        }

        @Override
        public ServerSession accept(List<ExtensionHeader> offers, int maxLength) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public ClientOffer offer(int maxLength) {
            throw new UnsupportedOperationException();
        }
    }
}
