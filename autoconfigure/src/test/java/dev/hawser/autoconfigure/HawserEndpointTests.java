package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.topic.Topics;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.protocol.ReadyState;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The endpoint over HTTP, and connections over real sockets. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        classes = HawserEndpointTests.Application.class,
        properties = {
            "management.endpoints.web.exposure.include=hawser",
            "management.endpoint.hawser.access=unrestricted",
            "hawser.topics.history.count=10",
            "hawser.websocket.max-buffered=1MB"
        })
class HawserEndpointTests {

    @Configuration(proxyBeanMethods = false)
    @Import({TestApplication.class, Rooms.class})
    static class Application {}

    @RestController
    static class Rooms {

        private final Topics topics;

        Rooms(Topics topics) {
            this.topics = topics;
        }

        @GetMapping("/rooms/{room}")
        void room(@PathVariable String room, WebSocket socket) {
            topics.topic("rooms/" + room).join(socket);
        }

        @GetMapping("/stuffed")
        void stuffed(WebSocket socket) {
            socket.onMessage(message -> {
                while (socket.send("x".repeat(10_000))) {
                    Thread.onSpinWait();
                }
            });
        }
    }

    /** An answer of the endpoint. */
    record Answer(int status, JsonNode body) {

        /** The values of a field of all elements of an array. */
        List<String> all(String array, String field) {
            List<String> values = new ArrayList<>();
            body.get(array).forEach(one -> values.add(one.get(field).asString()));
            return values;
        }
    }

    private static final HttpClient http = HttpClient.newHttpClient();

    private final List<TestClient> clients = new ArrayList<>();

    @LocalServerPort
    private int port;

    @Autowired
    private ConnectionGroup group;

    @Autowired
    private Topics topics;

    @Autowired
    private WebSocketClient client;

    @Autowired
    private MeterRegistry meters;

    @AfterEach
    void leave() {
        clients.forEach(TestClient::abort);
        client.terminate();
        group.terminate();
        await().until(() -> group.size() == 0 && client.size() == 0);
    }

    private TestClient connect(String path, String user) {
        int before = group.size();
        TestClient connected =
                TestClient.connect(port, path, builder -> user.isEmpty() ? builder : builder.header("X-User", user));
        clients.add(connected);
        await().until(() -> group.size() > before); // the client hears first
        return connected;
    }

    private Answer get(String path) throws Exception {
        return exchange("GET", path);
    }

    private Answer exchange(String method, String path) throws Exception {
        return exchange(port, method, "/actuator/hawser" + path);
    }

    static Answer exchange(int port, String method, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                response.body().startsWith("{")
                        ? JsonMapper.shared().readTree(response.body())
                        : JsonMapper.shared().createObjectNode());
    }

    @Test
    void atAGlanceThereIsWhatIsOpenByEndpointAndKind() throws Exception {
        connect("/echo", "");
        connect("/echo", "");
        connect("/rooms/a", "");
        try (RawSocket stream = RawSocket.get(port, "/news/a")) {
            assertThat(stream.head()).startsWith("HTTP/1.1 200 ");
            Answer answer = get("");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body().get("connections").asInt()).isEqualTo(4);
            assertThat(answer.all("endpoints", "endpoint")).containsExactly("/echo", "/news/{topic}", "/rooms/{room}");
            assertThat(answer.all("endpoints", "kind")).containsExactly("websocket", "eventsource", "websocket");
            assertThat(answer.all("endpoints", "connections")).containsExactly("2", "1", "1");
            assertThat(answer.body().get("topics").get("members").asInt()).isEqualTo(1);
        }
    }

    @Test
    void connectionsAreListedTheOldestFirstPageByPage() throws Exception {
        for (int i = 0; i < 5; i++) {
            connect("/echo", "user" + i);
        }
        Answer first = get("/connections?size=2");
        assertThat(first.body().get("total").asInt()).isEqualTo(5);
        assertThat(first.all("connections", "principal")).containsExactly("user0", "user1");
        assertThat(get("/connections?size=2&page=1").all("connections", "principal"))
                .containsExactly("user2", "user3");
        assertThat(get("/connections?size=2&page=2").all("connections", "principal"))
                .containsExactly("user4");
        assertThat(get("/connections?size=2&page=3").all("connections", "principal"))
                .isEmpty();
        assertThat(get("/connections?size=1000&page=2147483647")
                        .body()
                        .get("total")
                        .asInt())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "endpoint=/echo, 4",
        "endpoint=/rooms/%7Broom%7D, 1",
        "endpoint=/rooms/a, 0",
        "endpoint=, 0",
        "principal=ann, 2",
        "principal=ann&endpoint=/echo, 1",
        "kind=websocket, 4",
        "kind=eventsource, 1",
        "kind=client, 1",
        "state=open, 6",
        "state=closing, 0",
        "slow=true, 0",
        "slow=false, 6"
    })
    void theyCanBeFiltered(String query, int count) throws Exception {
        connect("/echo", "ann");
        connect("/echo", "bob");
        connect("/rooms/a", "ann");
        ClientWebSocket ours = client.connect("ws://localhost:" + port + "/echo?token=secret");
        try (RawSocket stream = RawSocket.get(port, "/news/a")) {
            assertThat(stream.head()).startsWith("HTTP/1.1 200 ");
            await().until(() -> ours.state() == ReadyState.OPEN && group.size() == 5);
            await().untilAsserted(() -> assertThat(
                            get("/connections?" + query).body().get("total").asInt())
                    .isEqualTo(count));
        }
    }

    @Test
    void slowOnesAreFoundAndTheFullestComesFirst() throws Exception {
        connect("/echo", "");
        try (RawSocket slow = RawSocket.open(port, "/stuffed")) {
            slow.send('!');
            await().untilAsserted(() -> assertThat(get("/connections?slow=true").all("connections", "endpoint"))
                    .containsExactly("/stuffed"));
            Answer all = get("/connections?sort=buffered");
            assertThat(all.all("connections", "endpoint")).containsExactly("/stuffed", "/echo");
            assertThat(all.body().get("connections").get(0).get("buffered").asLong())
                    .isPositive();
            assertThat(get("").body().get("endpoints").get(1).get("slow").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void oneConnectionIsShownInDetailWithoutWhatIsNobodysBusiness() throws Exception {
        TestClient ann = connect("/rooms/a;jsessionid=verysecret?token=secret", "ann \"</script>");
        ann.send("hidden");
        topics.topic("rooms/a").send("hidden, too");
        assertThat(ann.receive()).isEqualTo("hidden, too");
        Answer list = get("/connections");
        String id = list.body().get("connections").get(0).get("id").asString();
        await().untilAsserted(() -> assertThat(
                        get("/connections/" + id).body().get("messagesReceived").asInt())
                .isEqualTo(1));
        Answer one = get("/connections/" + id);
        assertThat(one.status()).isEqualTo(200);
        assertThat(one.body().get("endpoint").asString()).isEqualTo("/rooms/{room}");
        assertThat(one.body().get("url").asString()).isEqualTo("ws://localhost:" + port + "/rooms/a");
        assertThat(one.body().get("principal").asString()).isEqualTo("ann \"</script>");
        assertThat(one.body().get("topics").get(0).asString()).isEqualTo("rooms/a");
        assertThat(one.body().get("messagesSent").asInt()).isEqualTo(1);
        assertThat(one.body().get("bytesSent").asInt()).isEqualTo(11);
        assertThat(one.body().get("version").asString()).isEqualTo("hybi-13");
        assertThat(one.body().get("state").asString()).isEqualTo("open");
        assertThat(Duration.parse(one.body().get("age").asString())).isLessThan(Duration.ofMinutes(1));
        assertThat(list.body() + " " + one.body() + get("/topics").body()).doesNotContain("secret", "hidden");
    }

    @Test
    void oneOfTheClientsIsShownWithTheTopicsThatItsSocketHasJoined() throws Exception {
        ClientWebSocket ours = client.connect("ws://localhost:" + port + "/echo");
        topics.topic("ours").join(ours);
        await().until(() -> ours.state() == ReadyState.OPEN);
        await().untilAsserted(() -> assertThat(get("/connections?kind=client").all("connections", "id"))
                .containsExactly(ours.id()));
        Answer one = get("/connections/" + ours.id());
        assertThat(one.body().get("topics").values())
                .extracting(JsonNode::asString)
                .containsExactly("ours");
    }

    @Test
    void oneOfTheClientsThatIsStillConnectingIsEndedForGood() throws Exception {
        ClientWebSocket ours =
                client.connect("ws://localhost:1/", options -> options.reconnect(Reconnect.DEFAULT)); // nobody is there
        assertThat(get("/connections?kind=client&state=connecting").all("connections", "id"))
                .containsExactly(ours.id());
        assertThat(exchange("DELETE", "/connections/" + ours.id()).status()).isEqualTo(200);
        await().until(() -> ours.state() == ReadyState.CLOSED && client.size() == 0);
    }

    @Test
    void whatIsClosedHearsTheCodeAndReasonAndIsCounted() throws Exception {
        TestClient echo = connect("/echo", "");
        String id =
                get("/connections").body().get("connections").get(0).get("id").asString();
        Answer answer = exchange("DELETE", "/connections/" + id + "?code=4001&reason=Moved");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().get("closing").asInt()).isEqualTo(1);
        assertThat(echo.closeCode()).isEqualTo(4001);
        await().untilAsserted(() -> assertThat(meters.get("hawser.websocket.connections.closed")
                        .tags("uri", "/echo", "cause", "operator")
                        .counter()
                        .count())
                .isPositive());
        await().until(() -> group.size() == 0);
        assertThat(exchange("DELETE", "/connections/" + id).status()).isEqualTo(404);
    }

    @Test
    void allOfAnEndpointOrAPrincipalAreClosedAndNoOthers() throws Exception {
        TestClient annEchoes = connect("/echo", "ann");
        TestClient bobEchoes = connect("/echo", "bob");
        TestClient annChats = connect("/rooms/a", "ann");
        connect("/rooms/a", "bob");
        Answer both = exchange("DELETE", "/connections?principal=ann&endpoint=/echo");
        assertThat(both.body().get("closing").asInt()).isEqualTo(1);
        assertThat(annEchoes.closeCode()).isEqualTo(1001);
        await().until(() -> group.size() == 3);
        assertThat(exchange("DELETE", "/connections?principal=ann")
                        .body()
                        .get("closing")
                        .asInt())
                .isEqualTo(1);
        assertThat(annChats.closeCode()).isEqualTo(1001);
        assertThat(exchange("DELETE", "/connections?endpoint=/echo")
                        .body()
                        .get("closing")
                        .asInt())
                .isEqualTo(1);
        assertThat(bobEchoes.closeCode()).isEqualTo(1001);
        await().until(() -> group.size() == 1);
        assertThat(get("/connections").all("connections", "principal")).containsExactly("bob");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kind=eventsource", "kind=client", "state=closing", "state=connecting", "slow=true"})
    void whatListsNoneOfThemClosesNoneOfThem(String filter) throws Exception {
        TestClient echo = connect("/echo", "ann");
        String query = "/connections?principal=ann&endpoint=/echo&" + filter;
        assertThat(get(query).body().get("total").asInt()).isZero();
        assertThat(exchange("DELETE", query).body().get("closing").asInt()).isZero();
        assertThat(echo.send("still").receive()).isEqualTo("still");
    }

    @Test
    void onlyTheSlowOnesOfAnEndpointAreClosedWhereThoseAreMeant() throws Exception {
        connect("/stuffed", "");
        try (RawSocket slow = RawSocket.open(port, "/stuffed")) {
            slow.send('!');
            String query = "/connections?endpoint=/stuffed&slow=true";
            await().untilAsserted(() ->
                    assertThat(get(query).body().get("total").asInt()).isEqualTo(1));
            assertThat(exchange("DELETE", query).body().get("closing").asInt()).isEqualTo(1);
        }
        await().until(() -> group.size() == 1);
        assertThat(get("/connections").all("connections", "slow")).containsExactly("false");
    }

    @Test
    void anEventStreamIsClosedToo() throws Exception {
        try (RawSocket stream = RawSocket.get(port, "/news/a")) {
            assertThat(stream.head()).startsWith("HTTP/1.1 200 ");
            await().until(() -> group.size() == 1);
            assertThat(exchange("DELETE", "/connections?endpoint=/news/%7Btopic%7D")
                            .body()
                            .get("closing")
                            .asInt())
                    .isEqualTo(1);
            assertThat(stream.until("\r\n0\r\n\r\n")).contains("retry: ");
        }
        assertThat(meters.get("hawser.eventsource.connections.closed")
                        .tags("uri", "/news/{topic}", "cause", "operator")
                        .counter()
                        .count())
                .isPositive();
    }

    @Test
    void manyAreClosedLittleByLittle() throws Exception {
        List<TestClient> many = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            many.add(TestClient.connect(port, "/echo", builder -> builder.header("X-User", "crowd")));
        }
        clients.addAll(many);
        await().until(() -> group.size() == 250);
        assertThat(exchange("DELETE", "/connections?principal=crowd")
                        .body()
                        .get("closing")
                        .asInt())
                .isEqualTo(250);
        assertThat(many).allSatisfy(one -> assertThat(one.closeCode()).isEqualTo(1001));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/connections",
                "/connections?endpoint=",
                "/connections?principal=",
                "/connections?endpoint=/echo&principal=",
                "/connections?kind=websocket",
                "/connections?kind=websocket&state=open&slow=false",
                "/connections?endpoint=/echo&kind=",
                "/connections?endpoint=/echo&slow=yes",
                "/connections?endpoint=/echo&code=1006",
                "/connections?endpoint=/echo&code=x",
                "/connections/ID?code=999"
            })
    void withoutASelectorOrWithAWrongCodeNothingIsClosed(String path) throws Exception {
        TestClient echo = connect("/echo", "");
        String id =
                get("/connections").body().get("connections").get(0).get("id").asString();
        Answer answer = exchange("DELETE", path.replace("ID", id));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().get("message").asString()).isNotBlank();
        assertThat(echo.send("still").receive()).isEqualTo("still");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/connections/", "/connections/none", "/topics", "/topics/rooms%2Fa", "/none", ""})
    void whatIsNotThereCannotBeClosed(String path) throws Exception {
        TestClient echo = connect("/echo", "");
        assertThat(exchange("DELETE", path).status()).isBetween(400, 405);
        assertThat(echo.send("still").receive()).isEqualTo("still");
    }

    @Test
    void aReasonThatIsTooLongIsRefused() throws Exception {
        connect("/echo", "");
        Answer answer = exchange("DELETE", "/connections?endpoint=/echo&reason=" + "x".repeat(124));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().get("message").asString()).contains("'reason'", "123 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/connections?page=-1 | 'page' must be 0 to 2147483647, but is \"-1\"",
                "/connections?page=x%0Ay | 'page' must be 0 to 2147483647, but is \"x?y\"",
                "/connections?size=0 | 'size' must be 1 to 1000, but is \"0\"",
                "/connections?size=1001 | 'size' must be 1 to 1000, but is \"1001\"",
                "/connections?sort=name | 'sort' must be one of 'age', 'idle', 'buffered', but is \"name\"",
                "/connections?kind=web | 'kind' must be one of 'websocket', 'eventsource', 'client', but is \"web\"",
                "/connections?state=OPEN | 'state' must be one of 'connecting', 'open', 'closing', 'closed', but is \"OPEN\"",
                "/connections?slow=yes | 'slow' must be 'true' or 'false', but is \"yes\"",
                "/topics?sort=age | 'sort' must be one of 'name', 'members', 'waiting', but is \"age\""
            })
    void aWrongValueIsNamed(String path, String message) throws Exception {
        Answer answer = get(path);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().get("status").asInt()).isEqualTo(400);
        assertThat(answer.body().get("message").asString()).isEqualTo("The parameter " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/connections/none", "/connections/a/b", "/topics/none", "/none", "/none/a", "/topics/"})
    void whatIsNotThereIsNotFound(String path) throws Exception {
        assertThat(get(path).status()).isEqualTo(404);
    }

    @Test
    void topicsHaveMembersAndAHistory() throws Exception {
        connect("/rooms/b", "");
        connect("/rooms/a", "");
        connect("/rooms/a", "");
        topics.topic("rooms/a").send("four");
        await().until(() -> topics.members() == 3);
        Answer list = get("/topics");
        assertThat(list.body().get("total").asInt()).isEqualTo(2);
        assertThat(list.body().get("lag").asInt()).isZero();
        assertThat(list.all("topics", "name")).containsExactly("rooms/a", "rooms/b");
        assertThat(list.all("topics", "members")).containsExactly("2", "1");
        assertThat(list.body().get("topics").get(0).get("history").get("bytes").asInt())
                .isEqualTo(4);
        assertThat(list.body()
                        .get("topics")
                        .get(1)
                        .get("history")
                        .get("messages")
                        .asInt())
                .isZero();
        assertThat(get("/topics?sort=members&size=1").all("topics", "name")).containsExactly("rooms/a");
        assertThat(get("/topics?prefix=rooms/b").all("topics", "name")).containsExactly("rooms/b");
        Answer one = get("/topics/rooms/a");
        assertThat(one.status()).isEqualTo(200);
        assertThat(one.body()).isEqualTo(list.body().get("topics").get(0));
    }

    @Test
    void aTopicWithoutMembersIsFoundByWhateverItsNameIsWhileItIsKept() throws Exception {
        for (String name : List.of("täg 1/ü%?#;x=y", "a+b", "{x}")) {
            topics.topic(name).send("kept");
            String path = URLEncoder.encode(name, StandardCharsets.UTF_8)
                    .replace("+", "%20")
                    .replace("%2F", "/");
            Answer one = get("/topics/" + path);
            assertThat(one.status()).as(name).isEqualTo(200);
            assertThat(one.body().get("name").asString()).isEqualTo(name);
            assertThat(one.body().get("members").asInt()).isZero();
        }
    }
}
