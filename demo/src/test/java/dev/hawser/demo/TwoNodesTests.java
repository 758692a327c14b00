package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.test.TestEventStream;
import dev.hawser.test.TestSocket;
import dev.hawser.test.WebSocketTestClient;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The demo on two nodes, with nothing but another profile. */
class TwoNodesTests {

    @TempDir
    private Path folder;

    private static WebSocketTestClient client(ConfigurableApplicationContext node) {
        return WebSocketTestClient.bindToServer(
                node.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
    }

    private static ConfigurableApplicationContext node(int redis) {
        return SpringApplication.run(
                DemoApplication.class,
                "--server.port=0",
                "--spring.profiles.active=redis",
                "--spring.data.redis.host=127.0.0.1",
                "--spring.data.redis.port=" + redis);
    }

    @Test
    void whatIsSaidInARoomIsHeardOnBoth() throws Exception {
        try (Service redis = Service.redis(folder);
                ConfigurableApplicationContext one = node(redis.port());
                ConfigurableApplicationContext two = node(redis.port());
                WebSocketTestClient here = client(one);
                WebSocketTestClient there = client(two)) {
            TestSocket ann = here.connect("/chat/tea?name=ann");
            ann.expectText(position -> assertThat(position).startsWith("{\"id\":"));
            TestSocket bob = there.connect("/chat/tea?name=bob");
            bob.expectText(position -> assertThat(position).startsWith("{\"id\":"));
            ann.send("hello").expectText(text -> assertThat(text).endsWith("\"data\":\"ann: hello\"}"));
            bob.expectText(text -> assertThat(text).endsWith("\"data\":\"ann: hello\"}"));
            bob.send("hello ann");
            ann.expectText(text -> assertThat(text).endsWith("\"data\":\"bob: hello ann\"}"));
            TestEventStream events = there.stream("/chat/tea/events");
            events.expectEvent("ann: hello").expectEvent("bob: hello ann");
        }
    }
}
