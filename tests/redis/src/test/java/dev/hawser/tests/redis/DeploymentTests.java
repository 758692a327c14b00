package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redis servers as Spring's properties reach them. */
class DeploymentTests {

    @TempDir
    private Path folder;

    /** What one appends, another hears and reads. */
    private static void assertMessagesPass(Node one, Node two) throws Exception {
        Heard.by(one.store());
        Heard heard = Heard.by(two.store());
        for (String topic : List.of("a", "{b}", "c}{")) {
            assertThat(one.store().append(topic, Senders.message(topic), Senders.KEPT))
                    .isTrue();
            heard.await(topic, 1);
            assertThat(two.store()
                            .read(topic, TopicId.BEGINNING, 10)
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS)
                            .messages())
                    .extracting(TopicMessage::id)
                    .containsExactly(heard.of(topic).get(0).id());
        }
    }

    @Test
    void aClusterHasAllKeysInOneSlot() throws Exception {
        try (RedisServer server = RedisServer.start(folder, "--cluster-enabled", "yes")) {
            server.command("CLUSTER ADDSLOTSRANGE 0 16383");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> isServing(server));
            String nodes = "127.0.0.1:" + server.port();
            try (Node one = new Node(1, "spring.data.redis.cluster.nodes", nodes);
                    Node two = new Node(1, "spring.data.redis.cluster.nodes", nodes)) {
                assertMessagesPass(one, two);
                String slot = server.command("CLUSTER KEYSLOT {hawser}").substring(1);
                assertThat(server.command("CLUSTER COUNTKEYSINSLOT " + slot)).isEqualTo(server.command("DBSIZE"));
                server.kill();
                server.start();
                assertThat(two.store().append("d", Senders.message("d"), Senders.KEPT))
                        .isTrue();
            }
        }
    }

    private static boolean isServing(RedisServer server) throws IOException {
        return server.command("EXISTS a").equals(":0");
    }

    @Test
    void aPasswordAndADatabaseAreSpringsProperties() throws Exception {
        try (RedisServer server = RedisServer.start(folder, "--requirepass", "secret");
                Node one = new Node(
                        server.port(), "spring.data.redis.password", "secret", "spring.data.redis.database", "3");
                Node two = new Node(
                        server.port(), "spring.data.redis.password", "secret", "spring.data.redis.database", "3")) {
            assertMessagesPass(one, two);
        }
    }

    @Test
    void prefixesKeepApplicationsApart() throws Exception {
        try (RedisServer server = RedisServer.start(folder);
                Node one = new Node(server.port());
                Node two = new Node(server.port(), "hawser.topics.redis.prefix", "other:{x}:");
                Node three = new Node(server.port(), "hawser.topics.redis.prefix", "other:{x}:")) {
            Heard heard = Heard.by(one.store());
            assertMessagesPass(two, three);
            assertThat(server.command("EXISTS other:{x}:topic:a")).isEqualTo(":1");
            assertThat(one.store().append("b", Senders.message("mine"), Senders.KEPT))
                    .isTrue();
            heard.await("b", 1);
            assertThat(heard.of("a")).isEmpty();
            assertThat(heard.missed()).isZero();
        }
    }

    @Test
    void replicasOfAFixedListAreRefused() {
        assertThatThrownBy(() -> new Node(1, "spring.data.redis.masterreplica.nodes", "127.0.0.1:1"))
                .hasStackTraceContaining("hawser.topics.redis.enabled");
    }
}
