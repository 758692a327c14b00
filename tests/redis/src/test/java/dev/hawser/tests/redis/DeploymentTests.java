package dev.hawser.tests.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
            for (int first = 0; first < 16384; first += 1024) { // ADDSLOTSRANGE is of Redis 7
                server.command("CLUSTER ADDSLOTS "
                        + IntStream.range(first, first + 1024)
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(" ")));
            }
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
    void tlsIsSpringsBundle() throws Exception {
        Path store = keyStore();
        Path key = folder.resolve("key.pem");
        Path certificate = folder.resolve("certificate.pem");
        writePem(store, key, certificate);
        int port = RedisServer.freePort();
        String[] tls = {
            "--tls-port",
            Integer.toString(port),
            "--tls-auth-clients",
            "no",
            "--tls-cert-file",
            certificate.toString(),
            "--tls-key-file",
            key.toString(),
            "--tls-ca-cert-file",
            certificate.toString()
        };
        String[] properties = {
            "spring.data.redis.ssl.bundle", "redis",
            "spring.ssl.bundle.pem.redis.truststore.certificate",
                    certificate.toUri().toString(),
            "spring.data.redis.host", "localhost"
        };
        try (RedisServer server = RedisServer.start(folder, tls);
                Node one = new Node(port, properties);
                Node two = new Node(port, properties);
                Node stranger = new Node(port, "spring.data.redis.ssl.enabled", "true")) {
            assertMessagesPass(one, two);
            Heard.by(stranger.store());
            assertThat(stranger.health().getDetails().get("reader").toString()).contains("certification path");
            assertThat(server.command("PING")).isEqualTo("+PONG");
        }
    }

    private Path keyStore() throws Exception {
        Path store = folder.resolve("redis.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = new ArrayList<>(List.of(keytool, "-genkeypair", "-keyalg", "RSA", "-alias", "redis"));
        command.addAll(List.of("-dname", "CN=redis", "-ext", "SAN=dns:localhost", "-keystore", store.toString()));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", "changeit"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return store;
    }

    private static void writePem(Path store, Path key, Path certificate) throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        Files.writeString(key, pem("PRIVATE KEY", keys.getKey("redis", password).getEncoded()));
        Files.writeString(
                certificate, pem("CERTIFICATE", keys.getCertificate("redis").getEncoded()));
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + type
                + "-----\n";
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
