package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.spring.WebSocketHandler;
import dev.hawser.spring.WebSocketMapping;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.WebSockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Endpoints without a controller, and the set of all connections, in an application on a real Tomcat. */
@ExtendWith(OutputCaptureExtension.class)
class EndpointTests {

    private static final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    private ConfigurableApplicationContext application;
    private final List<TestClient> clients = new ArrayList<>();

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(LogIn.class)
    static class Plain {}

    @Configuration(proxyBeanMethods = false)
    @Import({Plain.class, Page.class, Greeter.class, Counter.class})
    static class Application {

        @Bean
        WebSocketEndpoint echo() {
            return WebSocketEndpoint.at("/echo", socket -> socket.onMessage(socket::send));
        }

        @Bean
        WebSocketEndpoint rooms() {
            return WebSocketEndpoint.onRequest("/rooms/{room}", request -> {
                String room = request.pathVariables().get("room");
                if (room.equals("closed")) {
                    request.reject(410, "Closed", Map.of("X-Room", room));
                } else if (room.equals("broken")) {
                    throw new ResponseStatusException(HttpStatus.BAD_GATEWAY);
                } else {
                    request.accept().send("welcome to " + room);
                }
            });
        }

        @Bean
        WebSocketEndpoint friends() {
            return WebSocketEndpoint.at("/friends", socket -> socket.send("friend"))
                    .with(options -> options.origins("https://*.friend.example").protocols("v2", "v1"));
        }
    }

    @RestController
    static class Page {

        @GetMapping("/page")
        String page() {
            return "page";
        }
    }

    static final class Greeter {

        String greet(String who) {
            return "hello " + who;
        }
    }

    /** One for each connection, with a state and a bean. */
    @WebSocketMapping("/count/{start}")
    static class Counter implements WebSocketHandler, DisposableBean {

        private static final int THROWS = 500;

        private final Greeter greeter;
        private int count;

        Counter(Greeter greeter) {
            this.greeter = greeter;
        }

        @Override
        public void onRequest(WebSocketRequest request) {
            count = Integer.parseInt(request.pathVariables().get("start"));
            if (count < 0) {
                request.reject(400, "Negative");
            } else {
                request.accept();
            }
            if (count == THROWS) {
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.send(greeter.greet("you"));
        }

        @Override
        public void onMessage(WebSocket socket, Message message) {
            if (message.text().equals("throw")) {
                throw new IllegalStateException("on purpose");
            }
            socket.send(message.text() + " " + ++count);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error " + error.getMessage());
        }

        @Override
        public void onClose(WebSocket socket, int code, String reason) {
            events.add("closed " + code + " " + count);
        }

        @Override
        public void destroy() {
            events.add("destroyed");
        }
    }

    @WebSocketMapping("/no-handler")
    static class NoHandler {}

    @WebSocketMapping("/shared")
    @Scope("singleton")
    static class Shared implements WebSocketHandler {}

    private void start(Class<?> type, String... arguments) {
        events.clear();
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--server.address=127.0.0.1"));
        all.addAll(List.of(arguments));
        application = SpringApplication.run(type, all.toArray(String[]::new));
    }

    @AfterEach
    void stop() {
        clients.forEach(TestClient::abort);
        if (application != null) {
            application.close();
        }
    }

    private int port() {
        return application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private TestClient connect(String path) {
        return keep(TestClient.connect(port(), path));
    }

    private TestClient connectAs(String user, String path) {
        return keep(TestClient.connect(port(), path, builder -> builder.header("X-User", user)));
    }

    private TestClient keep(TestClient client) {
        clients.add(client);
        return client;
    }

    private int refusal(String path) {
        return TestClient.refusal(port(), path, builder -> builder);
    }

    private static String event() throws InterruptedException {
        return events.poll(10, TimeUnit.SECONDS);
    }

    private WebSockets sockets() {
        return application.getBean(WebSockets.class);
    }

    @Test
    void aBeanIsAnEndpoint() throws Exception {
        start(Application.class);
        assertThat(connect("/echo").send("hello").receive()).isEqualTo("hello");
        assertThat(connect("/rooms/lobby").receive()).isEqualTo("welcome to lobby");
        assertThat(refusal("/rooms/closed")).isEqualTo(410);
        assertThat(refusal("/rooms/broken")).isEqualTo(502);
        assertThat(TestClient.exchange(port(), "GET /echo HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 426 ");
        assertThat(application.getBean(WebSocketEndpoints.class).patterns())
                .containsExactly("/count/{start}", "/echo", "/friends", "/rooms/{room}");
        assertThat(sockets().at("/rooms/{room}").count()).isEqualTo(1);
    }

    @Test
    void itsOptionsAreItsOwn() {
        start(Application.class, "--hawser.websocket.protocols=v1");
        assertThat(keep(TestClient.connect(
                                port(), "/friends", builder -> builder.header("Origin", "https://a.friend.example")
                                        .subprotocols("v1", "v2")))
                        .protocol())
                .isEqualTo("v2");
        assertThat(keep(TestClient.connect(port(), "/echo", builder -> builder.subprotocols("v1", "v2")))
                        .protocol())
                .isEqualTo("v1");
        assertThat(TestClient.refusal(
                        port(), "/friends", builder -> builder.header("Origin", "https://friend.example")))
                .isEqualTo(403);
        assertThat(TestClient.refusal(port(), "/echo", builder -> builder.header("Origin", "https://a.friend.example")))
                .isEqualTo(403);
    }

    @Test
    void aClassHandlesEachConnectionWithAnInstanceOfItsOwn() throws Exception {
        start(Application.class);
        TestClient first = connect("/count/10");
        TestClient second = connect("/count/20");
        assertThat(first.receive()).isEqualTo("hello you");
        assertThat(second.receive()).isEqualTo("hello you");
        assertThat(first.send("a").receive()).isEqualTo("a 11");
        assertThat(first.send("b").receive()).isEqualTo("b 12");
        assertThat(second.send("c").receive()).isEqualTo("c 21");
        first.close(4000);
        assertThat(event()).isEqualTo("closed 4000 12");
        assertThat(event()).isEqualTo("destroyed");
        second.send("throw");
        assertThat(event()).isEqualTo("error on purpose");
        assertThat(event()).isEqualTo("closed 1011 21");
        assertThat(event()).isEqualTo("destroyed");
        assertThat(events).isEmpty();
    }

    @Test
    void aHandlerThatRejectsOrThrowsIsDestroyedToo() throws Exception {
        start(Application.class);
        assertThat(refusal("/count/-1")).isEqualTo(400);
        assertThat(event()).isEqualTo("destroyed");
        assertThat(refusal("/count/none")).isEqualTo(500);
        assertThat(event()).isEqualTo("destroyed");
        assertThat(events).isEmpty();
    }

    @Test
    void aHandlerThatThrowsAfterItAcceptedHearsOfTheEndBeforeItIsDestroyed() throws Exception {
        start(Application.class);
        refusal("/count/500");
        assertThat(event()).startsWith("closed ");
        assertThat(event()).isEqualTo("destroyed");
        assertThat(events).isEmpty();
    }

    @Test
    void aClassThatCannotBeAnEndpointStopsTheApplication() {
        assertThatThrownBy(() -> start(WithNoHandler.class)).hasMessageContaining("to implement WebSocketHandler");
        assertThatThrownBy(() -> start(WithShared.class)).hasMessageContaining("of scope prototype");
    }

    @Configuration(proxyBeanMethods = false)
    @Import({Plain.class, NoHandler.class})
    static class WithNoHandler {}

    @Configuration(proxyBeanMethods = false)
    @Import({Plain.class, Shared.class})
    static class WithShared {}

    @Test
    void endpointsComeAndGoWhileTheApplicationRuns() throws Exception {
        start(Application.class);
        WebSocketEndpoints endpoints = application.getBean(WebSocketEndpoints.class);
        assertThat(refusal("/late/1")).isEqualTo(404);
        WebSocketEndpoint late = WebSocketEndpoint.at(
                "/late/{n}", socket -> socket.onMessage(message -> socket.send("late " + message.text())));
        endpoints.mount(late);
        TestClient client = connect("/late/1");
        assertThat(client.send("a").receive()).isEqualTo("late a");
        assertThatThrownBy(() -> endpoints.mount(late)).hasMessage("There is an endpoint at /late/{n} already");
        assertThatThrownBy(() -> endpoints.mount(WebSocketEndpoint.at("/page", socket -> {})))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Cannot map 'WebSocketEndpoint at /page'");
        assertThat(endpoints.unmount("/late/{n}")).isTrue();
        assertThat(endpoints.unmount("/late/{n}")).isFalse();
        assertThat(refusal("/late/1")).isEqualTo(404);
        assertThat(client.send("b").receive()).isEqualTo("late b");
        endpoints.mount(late);
        assertThat(connect("/late/2").send("c").receive()).isEqualTo("late c");
        assertThatThrownBy(() -> endpoints.mount(WebSocketEndpoint.at("/{", socket -> {})))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> endpoints.mount(
                        WebSocketEndpoint.at("/origin", socket -> {}).with(options -> options.origins("example.com"))))
                .hasMessageContaining("\"example.com\"");
        assertThat(refusal("/origin")).isEqualTo(404);
    }

    @Test
    void anEndpointThatDecidesNothingIsNamedInTheLog(CapturedOutput output) {
        start(Plain.class);
        application
                .getBean(WebSocketEndpoints.class)
                .mount(WebSocketEndpoint.onRequest("/forgetful/{n}", request -> {}));
        assertThat(refusal("/forgetful/1")).isEqualTo(500);
        assertThat(output).containsOnlyOnce("WebSocketEndpoint at /forgetful/{n} must accept, reject or defer");
    }

    @Test
    void whatNobodyAnswersIsAcceptedOnlyIfThePropertySaysSo() throws Exception {
        start(Application.class);
        assertThat(refusal("/nowhere")).isEqualTo(404);
        application.close();
        start(Application.class, "--hawser.websocket.auto-accept=true");
        sockets().onAccept(socket -> socket.onMessage(message -> socket.send(socket.endpoint() + message.text())));
        assertThat(connect("/nowhere/at/all").send("!").receive()).isEqualTo("/**!");
        assertThat(connect("/echo").send("a").receive()).isIn("a", "/echoa");
        assertThat(TestClient.exchange(port(), "GET /nowhere HTTP/1.1", "Connection: close"))
                .startsWith("HTTP/1.1 404 ");
        assertThat(TestClient.exchange(port(), "GET /page HTTP/1.1", "Connection: close"))
                .endsWith("page");
    }

    @Test
    void allConnectionsAreKnownByEndpointAndByUser() throws Exception {
        start(Application.class);
        TestClient anonymous = connect("/echo");
        TestClient ann = connectAs("ann", "/echo");
        TestClient annsOther = connectAs("ann", "/friends");
        TestClient bob = connectAs("bob", "/echo");
        WebSockets all = sockets();
        await().until(() -> all.count() == 4);
        assertThat(annsOther.receive()).isEqualTo("friend");
        assertThat(all).hasSize(4);
        assertThat(all.at("/echo").count()).isEqualTo(3);
        assertThat(all.at("/none").count()).isZero();
        assertThat(all.of("ann").count()).isEqualTo(2);
        assertThat(all.of("ann").at("/echo").count()).isEqualTo(1);
        assertThat(all.at("/echo").of("ann")).hasSize(1);
        assertThat(all.of("carl").count()).isZero();

        all.send("to all");
        for (TestClient client : List.of(anonymous, ann, annsOther, bob)) {
            assertThat(client.receive()).isEqualTo("to all");
        }
        WebSocket sender = all.of("bob").iterator().next();
        all.at("/echo").except(sender).send(Message.binary(new byte[] {1, 2}));
        assertThat(anonymous.receive()).isEqualTo("0102");
        assertThat(ann.receive()).isEqualTo("0102");
        assertThat(all.except(sender).of("bob").count()).isZero();

        assertThatThrownBy(() -> all.of("carl").close(1001, "")).hasMessageContaining("1001");
        all.of("ann").close(4001, "bye");
        assertThat(ann.closeCode()).isEqualTo(4001);
        assertThat(annsOther.closeCode()).isEqualTo(4001);
        await().until(() -> all.count() == 2);
        assertThat(all.of("ann").count()).isZero();
        all.at("/echo").of("bob").terminate();
        await().until(() -> all.count() == 1);
        all.close();
        assertThat(anonymous.closeCode()).isEqualTo(1000);
        await().until(() -> all.count() == 0);
        assertThat(refusal("/none")).isEqualTo(404);
    }

    @Test
    void aShutDownClosesAllAndRefusesNewOnes() {
        start(Application.class);
        TestClient client = connect("/echo");
        await().until(() -> sockets().count() == 1);
        sockets().shutDown();
        assertThat(client.closeCode()).isEqualTo(1001);
        assertThat(refusal("/echo")).isEqualTo(503);
        application.stop();
        application.start();
        assertThat(connect("/echo").send("again").receive()).isEqualTo("again");
    }
}
