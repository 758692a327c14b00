package dev.hawser.tests.redis;

import dev.hawser.test.TopicStoreContract;
import dev.hawser.topic.TopicStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class RedisTopicStoreContractTests extends TopicStoreContract {

    @TempDir
    private static Path folder;

    private static RedisServer server;

    private final List<Node> nodes = new ArrayList<>();

    @BeforeAll
    static void startServer() throws Exception {
        server = RedisServer.start(folder);
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected TopicStore create() throws Exception {
        server.command("FLUSHALL");
        return createOther();
    }

    @Override
    protected TopicStore createOther() {
        Node node = new Node(server.port());
        nodes.add(node);
        return node.store();
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(Node::close);
    }
}
