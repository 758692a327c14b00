package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** What one test leaves open is closed before the next. */
@SpringBootTest
@AutoConfigureWebSocketTestClient
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BetweenTests {

    private static @Nullable TestSocket left;

    @Test
    @Order(1)
    void aTestLeavesASocketOpen(@Autowired WebSocketTestClient client) {
        left = client.connect("/echo").send("a").expectText("a");
    }

    @Test
    @Order(2)
    void theNextFindsItClosed() {
        assertThat(left).isNotNull();
        left.expectClose(1000).expectNothing();
    }
}
