package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.spring.TypedWebSocket;
import dev.hawser.spring.UnconvertibleException;
import dev.hawser.spring.WebSocketConverter;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Messages that are objects, over real sockets, in applications of every kind. */
@ExtendWith(OutputCaptureExtension.class)
class TypedWebSocketTests {

    private static final MediaType PACKED = new MediaType("application", "x-packed");

    record Order(String itemName, int count) {

        Order {
            if (count < 0) {
                throw new IllegalArgumentException("count is negative");
            }
        }
    }

    record Receipt(String itemName, int count, boolean done) {}

    /** Cannot be written. */
    static final class Broken {

        public String getName() {
            throw new IllegalStateException("no name");
        }
    }

    /** Cannot be read: nobody knows what it would be. */
    interface Shape {}

    /** What the endpoints heard. */
    static final class Log {

        final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
        final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

        void watch(TypedWebSocket<?> socket) {
            socket.socket().onError(errors::add).onClose((code, reason) -> closed.add(code + " " + reason));
        }

        <T> T next(BlockingQueue<T> queue) throws InterruptedException {
            T next = queue.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("another event").isNotNull();
            return next;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Orders.class, Lists.class, Log.class})
    static class Server {}

    @RestController
    static class Orders {

        private final Log log;
        private final WebSocketConverter converter;

        Orders(Log log, WebSocketConverter converter) {
            this.log = log;
            this.converter = converter;
        }

        @GetMapping("/orders")
        void orders(TypedWebSocket<Order> socket) {
            log.watch(socket);
            socket.onMessage(order -> socket.send(new Receipt(order.itemName(), order.count(), true)));
        }

        @GetMapping("/request")
        void request(WebSocketRequest request) {
            TypedWebSocket<Order> socket = converter.typed(request.accept("orders.v2"), Order.class);
            log.watch(socket);
            socket.onMessage(socket::send);
        }

        @GetMapping("/packed")
        void packed(WebSocketRequest request) {
            TypedWebSocket<Order> socket = converter.mediaType(PACKED).typed(request.accept(), Order.class);
            log.watch(socket);
            socket.onMessage(socket::send);
        }

        @GetMapping("/strings")
        void strings(TypedWebSocket<String> socket) {
            socket.onMessage(socket::send);
        }

        @GetMapping("/bytes")
        void bytes(TypedWebSocket<String> socket) {
            socket.onMessage(text -> {
                try {
                    socket.send(HexFormat.of().parseHex(text));
                } catch (IllegalArgumentException refused) {
                    socket.send(refused.getMessage());
                }
            });
        }

        @GetMapping("/broken")
        void broken(TypedWebSocket<Order> socket) {
            log.watch(socket);
            socket.onMessage(order -> {
                try {
                    socket.send(new Broken());
                } catch (IllegalArgumentException refused) {
                    log.errors.add(refused);
                }
                socket.send(order);
            });
        }

        @GetMapping("/shapes")
        void shapes(TypedWebSocket<Shape> socket) {
            log.watch(socket);
            socket.onMessage(shape -> {});
        }

        final List<WebSocket> readers = new CopyOnWriteArrayList<>();

        @GetMapping("/news")
        void news(TypedWebSocket<String> socket) {
            readers.add(socket.socket());
            socket.onMessage(question -> socket.send("ready"));
        }

        @GetMapping("/unwatched")
        void unwatched(TypedWebSocket<Order> socket) {
            socket.onMessage(order -> {});
            socket.socket().onClose((code, reason) -> log.closed.add(code + " " + reason));
        }

        @GetMapping("/raw")
        @SuppressWarnings("rawtypes")
        void raw(TypedWebSocket socket) {}

        @GetMapping("/any")
        void any(TypedWebSocket<?> socket) {}
    }

    /** The type of the messages is known to the subclass only. */
    abstract static class Collecting<T> {

        @GetMapping("/inherited")
        void inherited(TypedWebSocket<List<T>> socket) {
            socket.onMessage(
                    all -> socket.send(all.stream().map(one -> describe(one)).toList()));
        }

        abstract String describe(T one);
    }

    @RestController
    static class Lists extends Collecting<Order> {

        @Override
        String describe(Order order) {
            return order.count() + " of " + order.itemName();
        }

        @GetMapping("/lists")
        void lists(TypedWebSocket<List<Order>> socket) {
            socket.onMessage(
                    orders -> socket.send(orders.stream().mapToInt(Order::count).sum()));
        }
    }

    /** The count in one byte, then the name. */
    static final class PackedConverter extends AbstractHttpMessageConverter<Order> {

        PackedConverter() {
            super(PACKED);
        }

        @Override
        protected boolean supports(Class<?> type) {
            return type == Order.class;
        }

        @Override
        protected Order readInternal(Class<? extends Order> type, HttpInputMessage input) throws IOException {
            byte[] packed = input.getBody().readAllBytes();
            if (packed.length < 2) {
                throw new HttpMessageNotReadableException("Too short: " + packed.length, input);
            }
            return new Order(new String(packed, 1, packed.length - 1, StandardCharsets.UTF_8), packed[0]);
        }

        @Override
        protected void writeInternal(Order order, HttpOutputMessage output) throws IOException {
            output.getBody().write(order.count());
            output.getBody().write(order.itemName().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithPackedConverter {

        @Bean
        PackedConverter packedConverter() {
            return new PackedConverter();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithOwnMapper {

        @Bean
        JsonMapper ownMapper() {
            return JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                    .build();
        }
    }

    private final List<ConfigurableApplicationContext> applications = new ArrayList<>();
    private final List<TestClient> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(TestClient::abort);
        applications.forEach(ConfigurableApplicationContext::close);
    }

    private Log log;
    private int port;
    private MeterRegistry meters;

    private void start(Class<?> more, String... properties) {
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--server.address=127.0.0.1"));
        all.addAll(List.of(properties));
        ConfigurableApplicationContext server =
                new SpringApplicationBuilder(Server.class, more).run(all.toArray(String[]::new));
        applications.add(server);
        log = server.getBean(Log.class);
        meters = server.getBean(MeterRegistry.class);
        port = Integer.parseInt(server.getEnvironment().getRequiredProperty("local.server.port"));
    }

    private void start(String... properties) {
        start(Server.class, properties);
    }

    private ConfigurableApplicationContext clientApplication(Class<?> more, String... properties) {
        ConfigurableApplicationContext client = new SpringApplicationBuilder(ClientOnly.class, more)
                .web(WebApplicationType.NONE)
                .run(properties);
        applications.add(client);
        return client;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class ClientOnly {}

    private TestClient connect(String path) {
        TestClient client = TestClient.connect(port, path);
        clients.add(client);
        return client;
    }

    private double errors(String uri, String kind) {
        return meters.find("hawser.websocket.errors").tags("uri", uri, "kind", kind).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Test
    void recordsComeInAndGoOut() {
        start();
        TestClient client = connect("/orders");
        assertThat(client.send("{\"itemName\":\"Käse\",\"count\":3}").receive())
                .isEqualTo("{\"itemName\":\"Käse\",\"count\":3,\"done\":true}");
        assertThat(client.send("{\"itemName\":\"a\",\"count\":1,\"unknown\":[]}")
                        .receive())
                .as("Jackson ignores what it does not know")
                .contains("\"count\":1");
        assertThat(client.send("{\"itemName\":\"b\",\"count\":2}".getBytes(StandardCharsets.UTF_8))
                        .receive())
                .as("JSON in a binary message")
                .contains("\"count\":2");
    }

    @Test
    void genericTypesAreKept() {
        start();
        String orders = "[{\"itemName\":\"a\",\"count\":1},{\"itemName\":\"b\",\"count\":2}]";
        assertThat(connect("/lists").send(orders).receive()).isEqualTo("3");
        assertThat(connect("/inherited").send(orders).receive()).isEqualTo("[\"1 of a\",\"2 of b\"]");
    }

    @Test
    void aSocketThatWasAcceptedByHandCanBeTyped() {
        start();
        TestClient client = TestClient.connect(port, "/request", options -> options.subprotocols("orders.v2"));
        clients.add(client);
        assertThat(client.protocol()).isEqualTo("orders.v2");
        assertThat(client.send("{\"itemName\":\"a\",\"count\":1}").receive())
                .isEqualTo("{\"itemName\":\"a\",\"count\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"itemName\":\"a\",\"count\":1 | UnexpectedEndOfInputException",
                "order! | Unrecognized token",
                "`` | No content",
                "{\"itemName\":\"a\",\"count\":\"many\"} | not a valid `int` value",
                "[1] | Cannot deserialize value",
                "{\"itemName\":\"a\",\"count\":-1} | count is negative",
                "{\"itemName\":\"a\",\"count\":1} trailing | Unrecognized token",
                "null | null"
            })
    void aMessageThatDoesNotConvertClosesItsConnectionOnly(String message, String problem) throws Exception {
        start();
        TestClient good = connect("/orders");
        TestClient bad = connect("/orders");
        bad.send(message);

        assertThat(bad.closeCode()).isEqualTo(1007);
        assertThat(log.next(log.errors))
                .isInstanceOf(UnconvertibleException.class)
                .hasNoCause()
                .hasMessageStartingWith("unconvertible (1007): Not a " + Order.class.getName() + ": ")
                .hasMessageContaining(problem);
        assertThat(log.next(log.closed)).isEqualTo("1007 Message cannot be converted");
        assertThat(log.errors).isEmpty();
        assertThat(errors("/orders", "unconvertible")).isEqualTo(1);
        assertThat(errors("/orders", "listener")).isZero();
        assertThat(good.send("{\"itemName\":\"a\",\"count\":1}").receive()).contains("\"done\":true");
    }

    /** CVE-2026-45591 (SignalR). */
    @Test
    void deepNestingCostsItsConnectionOnly() throws Exception {
        start();
        TestClient bad = connect("/orders");
        bad.send("{\"unknown\":" + "[".repeat(200_000));
        assertThat(bad.closeCode()).isEqualTo(1007);
        assertThat(log.next(log.errors)).isInstanceOf(UnconvertibleException.class);
    }

    @Test
    void whatIsToldOfAMessageIsOneShortLineOfAscii() throws Exception {
        start();
        String value = "x\\n\\r\\u001b[31m\\u2028\u2028ERROR forged";
        connect("/orders").send("{\"count\":\"" + value + "\"}");
        assertThat(log.next(log.errors).getMessage()).contains("ERROR forged").matches("[ -~]{100,300}");
        connect("/orders").send("{\"count\":\"" + value + "y".repeat(100_000) + "\"}");
        assertThat(log.next(log.errors).getMessage()).matches("[ -~]{100,300}");
    }

    @Test
    void thePropertySaysWithWhatCodeAConnectionIsClosed() throws Exception {
        start("--hawser.websocket.unconvertible=1003");
        TestClient bad = connect("/orders");
        bad.send("{}}");
        assertThat(bad.closeCode()).isEqualTo(1003);
        assertThat(log.next(log.errors)).hasMessageStartingWith("unconvertible (1003): ");
        assertThat(log.next(log.closed)).isEqualTo("1003 Message cannot be converted");
    }

    @Test
    void withoutAnErrorListenerAPeerCannotFillTheLog(CapturedOutput output) throws Exception {
        start("--logging.level.dev.hawser.websocket.listeners=debug");
        TestClient bad = connect("/unwatched");
        bad.send("{\"count\":\"x\\nforged\"}");
        assertThat(bad.closeCode()).isEqualTo(1007);
        await().untilAsserted(() -> assertThat(output)
                .contains("A listener closed its connection with 1007: unconvertible (1007): Not a "
                        + Order.class.getName()));
        assertThat(output).doesNotContain("WARN").doesNotContain("\nforged").doesNotContain("at dev.hawser");
    }

    @Test
    void aTypeThatCannotBeReadIsNotThePeersFault() throws Exception {
        start();
        TestClient client = connect("/shapes");
        client.send("{}");
        assertThat(client.closeCode()).isEqualTo(1011);
        assertThat(log.next(log.errors)).hasMessageContaining("Type definition error");
        assertThat(errors("/shapes", "listener")).isEqualTo(1);
        assertThat(errors("/shapes", "unconvertible")).isZero();
    }

    @Test
    void whatCannotBeWrittenIsToldToItsSenderAndNothingIsSent() throws Exception {
        start();
        TestClient client = connect("/broken");
        assertThat(client.send("{\"itemName\":\"a\",\"count\":1}").receive())
                .isEqualTo("{\"itemName\":\"a\",\"count\":1}");
        assertThat(log.next(log.errors))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Cannot write a " + Broken.class.getName() + " as application/json: ")
                .hasMessageContaining("no name");
        assertThat(errors("/broken", "listener")).isZero();
    }

    @Test
    void stringsAndBytesGoAsTheyAreAsInControllers() {
        start();
        assertThat(connect("/strings").send("no \"JSON\", Grüße").receive()).isEqualTo("no \"JSON\", Grüße");
        TestClient bytes = connect("/bytes");
        assertThat(bytes.send("c3a4").receive()).isEqualTo("ä");
        assertThat(bytes.send("ff").receive())
                .isEqualTo("Cannot write a byte[] as application/json: the result is not UTF-8, as text messages are");
    }

    @Test
    void settingsOfJacksonAreHonoured() {
        start(
                "--spring.jackson.deserialization.fail-on-unknown-properties=true",
                "--spring.jackson.property-naming-strategy=SNAKE_CASE");
        TestClient client = connect("/orders");
        assertThat(client.send("{\"item_name\":\"a\",\"count\":1}").receive())
                .isEqualTo("{\"item_name\":\"a\",\"count\":1,\"done\":true}");
        client.send("{\"item_name\":\"a\",\"count\":1,\"unknown\":true}");
        assertThat(client.closeCode()).isEqualTo(1007);
    }

    @Test
    void anApplicationsOwnMapperIsUsed() {
        start(WithOwnMapper.class);
        assertThat(connect("/orders").send("{\"item-name\":\"a\",\"count\":1}").receive())
                .isEqualTo("{\"item-name\":\"a\",\"count\":1,\"done\":true}");
    }

    @Test
    void anApplicationsOwnConverterAndItsMediaTypeAreUsed() throws Exception {
        start(WithPackedConverter.class);
        TestClient client = connect("/packed");
        assertThat(client.send(new byte[] {7, 'a', 'b'}).receive()).isEqualTo("076162");
        assertThat(client.send("\u0007ab").receive()).as("text is read too").isEqualTo("076162");
        client.send(new byte[] {7});
        assertThat(client.closeCode()).isEqualTo(1007);
        assertThat(log.next(log.errors)).hasMessageEndingWith("Too short: 1");
    }

    @Test
    void thePropertySaysWhatMessagesAre() {
        start(WithPackedConverter.class, "--hawser.websocket.media-type=application/x-packed");
        TestClient client = TestClient.connect(port, "/request", options -> options.subprotocols("orders.v2"));
        clients.add(client);
        assertThat(client.send(new byte[] {7, 'a', 'b'}).receive()).isEqualTo("076162");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/raw", "/any"})
    void aParameterMustSayWhatItsMessagesAre(String path, CapturedOutput output) {
        start();
        assertThat(TestClient.refusal(port, path, options -> options)).isEqualTo(500);
        assertThat(output).contains("A TypedWebSocket must say what its messages are, as in TypedWebSocket<Order>");
    }

    @Test
    void aTypeThatNoConverterReadsIsRefusedWithTheHandshake(CapturedOutput output) {
        start();
        assertThat(TestClient.refusal(port, "/packed", options -> options)).isEqualTo(500);
        assertThat(output)
                .contains("No HttpMessageConverter reads " + Order.class.getName() + " as application/x-packed: add");
    }

    @Test
    void manyConnectionsConvertAtOnce() {
        start();
        List<TestClient> many =
                IntStream.range(0, 20).mapToObj(i -> connect("/orders")).toList();
        List<CompletableFuture<Void>> talks = IntStream.range(0, many.size())
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    for (int count = 0; count < 50; count++) {
                        String order = "{\"itemName\":\"" + i + "\",\"count\":" + count + "}";
                        assertThat(many.get(i).send(order).receive()).isEqualTo(order.replace("}", ",\"done\":true}"));
                    }
                }))
                .toList();
        talks.forEach(talk -> talk.orTimeout(60, TimeUnit.SECONDS).join());
    }

    /** A typed socket of the client's, at the other end of /orders. */
    private final class Talk {

        final BlockingQueue<Receipt> receipts = new LinkedBlockingQueue<>();
        final Log heard = new Log();
        final TypedWebSocket<Receipt> socket;

        Talk(ConfigurableApplicationContext application, String path) {
            ClientWebSocket client =
                    application.getBean(WebSocketClient.class).connect("ws://127.0.0.1:" + port + path);
            socket = application.getBean(WebSocketConverter.class).typed(client, Receipt.class);
            assertThat(socket.socket()).isSameAs(client);
            heard.watch(socket);
            socket.onMessage(receipts::add);
        }
    }

    @Test
    void theClientsEndIsTheSameInAnApplicationWithoutAServer() throws Exception {
        start("--spring.jackson.property-naming-strategy=SNAKE_CASE");
        ConfigurableApplicationContext application = clientApplication(
                ClientOnly.class,
                "--spring.jackson.property-naming-strategy=SNAKE_CASE",
                "--spring.jackson.deserialization.fail-on-unknown-properties=true",
                "--hawser.websocket.unconvertible=1003");
        Talk talk = new Talk(application, "/orders");
        assertThat(talk.socket.send(new Order("a", 5))).isTrue();
        assertThat(talk.heard.next(talk.receipts)).isEqualTo(new Receipt("a", 5, true));

        Talk mistaken = new Talk(application, "/lists");
        mistaken.socket.send(List.of());
        assertThat(mistaken.heard.next(mistaken.heard.errors))
                .isInstanceOf(UnconvertibleException.class)
                .hasMessageStartingWith("unconvertible (1003): Not a " + Receipt.class.getName());
        assertThat(mistaken.heard.next(mistaken.heard.closed)).isEqualTo("1003 Message cannot be converted");
        assertThat(application
                        .getBean(MeterRegistry.class)
                        .get("hawser.websocket.errors")
                        .tags("uri", "client", "kind", "unconvertible")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void genericTypesAreKeptAtTheClientsEndToo() throws Exception {
        start();
        ConfigurableApplicationContext application = clientApplication(ClientOnly.class);
        ClientWebSocket client =
                application.getBean(WebSocketClient.class).connect("ws://127.0.0.1:" + port + "/inherited");
        BlockingQueue<List<String>> lists = new LinkedBlockingQueue<>();
        TypedWebSocket<List<String>> socket =
                application.getBean(WebSocketConverter.class).typed(client, new ParameterizedTypeReference<>() {});
        socket.onMessage(lists::add);
        socket.send(List.of(new Order("a", 1)));
        assertThat(lists.poll(10, TimeUnit.SECONDS)).containsExactly("1 of a");
    }

    /** Long before Spring MVC is made, which takes the converter itself. */
    @Component
    static class Impatient {

        final TypedWebSocket<Receipt> socket;

        Impatient(WebSocketConverter converter, WebSocketClient client) {
            socket = converter.typed(client.connect("ws://127.0.0.1:1/"), Receipt.class);
        }
    }

    @Test
    void aComponentMayAskForATypedSocketWhenItIsMade() {
        start(Impatient.class);
        assertThat(connect("/orders").send("{\"itemName\":\"a\",\"count\":1}").receive())
                .contains("\"done\":true");
    }

    @Test
    void oneMessageGoesToMany() {
        start();
        List<TestClient> many =
                IntStream.range(0, 3).mapToObj(i -> connect("/news")).toList();
        assertThat(many.get(0).send("\"ready?\"").receive()).isEqualTo("ready");
        assertThat(many.get(1).send("\"ready?\"").receive()).isEqualTo("ready");
        assertThat(many.get(2).send("\"ready?\"").receive()).isEqualTo("ready");
        ConfigurableApplicationContext server = applications.get(0);
        Message news = server.getBean(WebSocketConverter.class).message(new Order("a", 1));
        server.getBean(Orders.class).readers.forEach(reader -> reader.send(news));
        assertThat(many)
                .allSatisfy(client -> assertThat(client.receive()).isEqualTo("{\"itemName\":\"a\",\"count\":1}"));
    }

    @Test
    void anApplicationWithoutAServerMayHaveItsOwnConverters() {
        WebSocketConverter converter =
                clientApplication(WithPackedConverter.class).getBean(WebSocketConverter.class);
        assertThat(converter.mediaType(PACKED).message(new Order("ab", 7)).toByteArray())
                .containsExactly(7, 'a', 'b');
    }

    /** In a process of its own: Spring looks for Jackson with its own class loader, whatever that of the application is. */
    @Test
    void withoutJacksonTheRestWorksAndAskingForATypedSocketSaysWhatIsMissing() throws Exception {
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("jackson"))
                .collect(Collectors.joining(File.pathSeparator));
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classes,
                        WithoutJackson.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said)
                .contains("Echo: Hello")
                .contains("Typed: No HttpMessageConverter reads " + Order.class.getName()
                        + " as application/json: add spring-boot-starter-jackson for JSON, a converter of your own as a"
                        + " bean, or change hawser.websocket.media-type")
                .contains("Sent: No HttpMessageConverter writes " + Order.class.getName());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({TestApplication.WebSockets.class, TestApplication.Log.class})
    static class WithoutJackson {

        public static void main(String[] arguments) {
            try (ConfigurableApplicationContext server =
                    SpringApplication.run(WithoutJackson.class, "--server.port=0", "--server.address=127.0.0.1")) {
                int port = Integer.parseInt(server.getEnvironment().getRequiredProperty("local.server.port"));
                TestClient client = TestClient.connect(port, "/echo");
                System.out.println("Echo: " + client.send("Hello").receive());
                client.abort();
                WebSocketConverter converter = server.getBean(WebSocketConverter.class);
                try {
                    converter.typed(null, Order.class);
                } catch (IllegalStateException missing) {
                    System.out.println("Typed: " + missing.getMessage());
                }
                try {
                    converter.message(new Order("a", 1));
                } catch (IllegalArgumentException missing) {
                    System.out.println("Sent: " + missing.getMessage());
                }
            }
        }
    }
}
