package dev.hawser.readme;

import static dev.hawser.readme.Log.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.TypedWebSocket;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.test.TestSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.SendOptions;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Messages: typed, in frames, compressed. */
class MessageSampleTests {

    record Receipt(String item, int price) {}

    @RestController
    static class Shop {

        private final WebSocketConverter converter;
        private final WebSocketClient client;
        private final Queue<Object> heard = new ConcurrentLinkedQueue<>();

        Shop(WebSocketConverter converter, WebSocketClient client) {
            this.converter = converter;
            this.client = client;
        }

        record Order(String item, int count) {}

        @GetMapping("/orders")
        void orders(TypedWebSocket<Order> socket) { // or TypedWebSocket<List<Order>>
            socket.onMessage(order -> socket.send(new Receipt(order.item(), order.count() * 3)));
            socket.socket().onError(error -> log.info("{}", error.getMessage())); // the WebSocket, for everything else
        }

        @GetMapping("/converted")
        void converted(WebSocketRequest request) {
            String url = "ws://" + request.host() + "/receipts";
            WebSocket socket = client.connect("ws://" + request.host() + "/packed");
            Order order = new Order("rope", 1);

            TypedWebSocket<Order> orders = converter.typed(request.accept("orders.v2"), Order.class);
            TypedWebSocket<List<Receipt>> receipts =
                    converter.typed(client.connect(url), new ParameterizedTypeReference<>() {});
            TypedWebSocket<Order> packed =
                    converter.mediaType(MediaType.APPLICATION_CBOR).typed(socket, Order.class);
            Message news = converter.message(order); // converted once, for all whom it is sent to

            orders.onMessage(heard::add);
            receipts.onMessage(heard::addAll);
            packed.onMessage(heard::add);
            orders.socket().send(news);
        }

        @Bean
        static WebSocketEndpoint receipts() {
            return WebSocketEndpoint.at("/receipts", socket -> socket.send("[{\"item\":\"sail\",\"price\":9}]"));
        }

        @Bean
        static WebSocketEndpoint packed() {
            return WebSocketEndpoint.at("/packed", socket -> socket.send("anchor:1".getBytes(StandardCharsets.UTF_8)));
        }

        /** Orders as {@code item:count}, in place of a CBOR that would need a library. */
        @Bean
        static AbstractHttpMessageConverter<Order> packing() {
            return new AbstractHttpMessageConverter<>(MediaType.APPLICATION_CBOR) {

                @Override
                protected boolean supports(Class<?> type) {
                    return type == Order.class;
                }

                @Override
                protected Order readInternal(Class<? extends Order> type, HttpInputMessage input) throws IOException {
                    String[] parts = new String(input.getBody().readAllBytes(), StandardCharsets.UTF_8).split(":");
                    return new Order(parts[0], Integer.parseInt(parts[1]));
                }

                @Override
                protected void writeInternal(Order order, HttpOutputMessage output) throws IOException {
                    output.getBody().write((order.item() + ":" + order.count()).getBytes(StandardCharsets.UTF_8));
                }
            };
        }
    }

    static class Frames {

        @Bean
        WebSocketEndpoint frames() {
            return WebSocketEndpoint.at(
                    "/frames",
                    socket -> socket.onOpen(() -> {
                        byte[] data = {1};
                        byte[] more = {2};

                        socket.sendFragment("Once upon ", false); // a message in parts; a ping may go between them
                        socket.sendFragment("a time", true); // whole messages sent meanwhile wait for the last part
                        socket.send(Frame.binary(data)
                                .withFin(false)); // or frame by frame, checked so that the connection stays valid
                        socket.send(Frame.continuation(more));
                        socket.pong(ByteBuffer.allocate(0)); // a pong by hand; pings are answered by themselves
                        socket.drop(
                                CloseCode.POLICY_VIOLATION, "Enough"); // a close frame, without waiting for the peer's
                    }));
        }

        @Bean
        WebSocketEndpoint compressed(WebSockets sockets) {
            return WebSocketEndpoint.at(
                    "/compressed",
                    socket -> socket.onOpen(() -> {
                        String json = "[" + "1,".repeat(1000) + "1]";
                        byte[] jpeg = {3};

                        socket.send(json); // compressed, from the threshold on
                        socket.send(jpeg, SendOptions.UNCOMPRESSED); // as it is
                        socket.extensions(); // [permessage-deflate]
                        Message news = Message.text(json); // a broadcast: with server-no-context-takeover
                        sockets.forEach(each -> each.send(news)); // it is compressed once for all
                    }));
        }
    }

    @Test
    void ordersBecomeReceipts() {
        try (SampleApplication application = SampleApplication.start(Shop.class)) {
            application
                    .client
                    .connect("/orders")
                    .send("{\"item\":\"rope\",\"count\":2}")
                    .expectText("{\"item\":\"rope\",\"price\":6}");
            application.client.connect("/orders").send("rope").expectClose(1007);
        }
    }

    @Test
    void anySocketCanBeTyped() {
        try (SampleApplication application = SampleApplication.start(Shop.class)) {
            application
                    .client
                    .connect("/converted", options -> options.protocols("orders.v2"))
                    .expectText("{\"item\":\"rope\",\"count\":1}")
                    .send("{\"item\":\"oar\",\"count\":4}");
            Queue<Object> heard = application.bean(Shop.class).heard;
            await().until(() -> heard.size() == 3);
            assertThat(heard)
                    .containsExactlyInAnyOrder(
                            new Shop.Order("oar", 4), new Receipt("sail", 9), new Shop.Order("anchor", 1));
        }
    }

    @Test
    void messagesGoInFrames() {
        try (SampleApplication application = SampleApplication.start(Frames.class)) {
            application
                    .client
                    .connect("/frames")
                    .expectText("Once upon a time")
                    .expectBinary((byte) 1, (byte) 2)
                    .expectClose(1008, "Enough");
        }
    }

    @Test
    void messagesAreCompressed() {
        try (SampleApplication application = SampleApplication.start(
                Frames.class,
                "--hawser.websocket.extensions.permessage-deflate.enabled=true",
                "--hawser.websocket.extensions.permessage-deflate.threshold=512B")) {
            TestSocket socket = application.client.connect("/compressed");
            assertThat(socket.extensions()).singleElement().asString().contains("permessage-deflate");
            socket.expectText(json -> assertThat(json).hasSize(2003))
                    .expectBinary((byte) 3)
                    .expectText(json -> assertThat(json).hasSize(2003));
        }
    }
}
