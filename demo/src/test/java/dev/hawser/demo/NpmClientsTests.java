package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Clients from npm talk to the demo. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@Import(NpmClientsTests.DeflateController.class)
class NpmClientsTests {

    private static final Path SOURCES = Path.of("src/test/npm");
    static final Path FOLDER = Path.of("target/npm");

    @LocalServerPort
    private int port;

    @Autowired
    private MeterRegistry meters;

    @BeforeAll
    static void install() throws Exception {
        RequiredTool.find("node");
        String npm = RequiredTool.find("npm").toString();
        Files.createDirectories(FOLDER);
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, FOLDER.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Program installed = Program.run(FOLDER, Duration.ofMinutes(3), npm, "ci", "--ignore-scripts");
        if (installed.exitCode() != 0) {
            RequiredTool.missing("npm ci failed: " + installed.errors().strip());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "ws@8", "faye-websocket", "websocket", "websocket@8"})
    void aWebSocketClientGetsEveryMessageBackAndClosesCleanly(String library) throws Exception {
        JsonNode result = node("websockets.js", library, "ws://127.0.0.1:" + port + "/echo");

        assertThat(result.get("wrong").isNull()).as(result.toString()).isTrue();
        assertThat(result.get("missing").asInt()).isZero();
        assertThat(result.get("pong").asString()).isEqualTo("are you there");
        assertThat(result.get("code").asInt()).isEqualTo(4001);
        assertThat(result.get("reason").asString()).isEqualTo("bye");
    }

    /** RFC 7692, section 7.1: every combination of the four parameters, asked for by the client, by the server, by both. */
    @ParameterizedTest
    @ValueSource(strings = {"ws", "faye-websocket"})
    void aClientAndTheServerUnderstandEachOtherCompressedInEveryWay(String library) throws Exception {
        JsonNode results = node("deflate.js", library, "ws://127.0.0.1:" + port + "/deflate");

        assertThat(results).hasSize(256);
        results.forEach(result -> {
            String agreed = result.get("agreed").asString();
            String all = result.toString();
            assertThat(agreed).as(all).startsWith("permessage-deflate");
            assertThat(result.get("wrong").isNull()).as(all).isTrue();
            assertThat(result.get("missing").asInt()).as(all).isZero();
            assertThat(result.get("how").asString()).as(all).startsWith("closed with 100");
            int server = result.get("server").asInt();
            int client = result.get("client").asInt();
            boolean either = ((server | client) & 8) != 0;
            assertThat(agreed.contains("server_no_context_takeover")).as(all).isEqualTo(either);
            assertThat(agreed.contains("client_no_context_takeover")).as(all).isEqualTo(((server | client) & 4) != 0);
            assertThat(agreed.contains("server_max_window_bits")).as(all).isEqualTo(((server | client) & 2) != 0);
            assertThat(agreed.contains("client_max_window_bits=9")).as(all).isEqualTo((server & 1) != 0);
        });
        assertThat(compressed("inbound")).isPositive();
        assertThat(compressed("outbound")).isPositive();
    }

    private double compressed(String direction) {
        return meters.get("hawser.websocket.compression.bytes")
                .tags("uri", "/deflate", "direction", direction, "form", "compressed")
                .counter()
                .count();
    }

    /** An echo that is compressed as the query says. */
    @RestController
    static class DeflateController {

        @GetMapping("/deflate")
        void echo(
                WebSocketRequest request,
                @RequestParam boolean serverForgets,
                @RequestParam boolean clientForgets,
                @RequestParam int serverBits,
                @RequestParam int clientBits) {
            PermessageDeflate deflate =
                    new PermessageDeflate(DeflateOptions.DEFAULT.with(options -> options.threshold(0)
                            .serverNoContextTakeover(serverForgets)
                            .clientNoContextTakeover(clientForgets)
                            .serverMaxWindowBits(serverBits)
                            .clientMaxWindowBits(clientBits)));
            WebSocket socket = request.accept(null, options -> options.extensions(deflate));
            socket.onMessage(socket::send);
        }
    }

    @Test
    void anEventSourceThatLostItsConnectionGetsTheTicksThatItMissed() throws Exception {
        JsonNode result = node("events.js", "http://127.0.0.1:" + port + "/events");

        assertThat(result.get("names").toString()).isEqualTo("[\"tick\"]");
        List<Long> before = ids(result.get("before"));
        List<Long> all = Stream.concat(before.stream(), ids(result.get("after")).stream())
                .toList();
        assertThat(all)
                .containsExactlyElementsOf(LongStream.range(all.get(0), all.get(0) + all.size())
                        .boxed()
                        .toList());
        assertThat(result.get("lastEventIds").get(0).isNull()).isTrue();
        assertThat(result.get("lastEventIds").get(1).asString())
                .isEqualTo(String.valueOf(before.get(before.size() - 1)));
    }

    private static List<Long> ids(JsonNode array) {
        return array.valueStream().map(JsonNode::asLong).toList();
    }

    private static JsonNode node(String script, String... arguments) throws IOException, InterruptedException {
        String[] command =
                Stream.concat(Stream.of("node", script), Stream.of(arguments)).toArray(String[]::new);
        Program program = Program.run(FOLDER, Duration.ofSeconds(120), command);
        assertThat(program.exitCode()).as(program.toString()).isZero();
        return JsonMapper.shared().readTree(program.output());
    }
}
