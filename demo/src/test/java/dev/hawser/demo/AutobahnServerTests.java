package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The Autobahn suite against the demo's echo. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class AutobahnServerTests {

    @LocalServerPort
    private int port;

    @Test
    void everyCaseIsOkAndNoneNonStrict() throws Exception {
        Autobahn suite = new Autobahn(
                "fuzzingclient",
                "\"servers\": [{\"agent\": \"Hawser\", \"url\": \"ws://127.0.0.1:%d/echo\"}]".formatted(port));
        Program run = Program.run(suite.folder(), Duration.ofMinutes(Autobahn.ALL ? 15 : 5), suite.command());
        assertThat(run.exitCode()).as(run.errors()).isZero();

        Map<String, JsonNode> results = suite.results();
        Autobahn.print("server", results);
        assertThat(results).hasSize(Autobahn.COUNT);
        assertThat(Autobahn.unexpected(results)).isEmpty();
    }
}
