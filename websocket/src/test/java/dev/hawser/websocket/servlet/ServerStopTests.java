package dev.hawser.websocket.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A Tomcat that stops without anybody who tells our connections first. */
class ServerStopTests {

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    private String event() throws InterruptedException {
        return events.poll(30, TimeUnit.SECONDS);
    }

    @Test
    void webSocketsAreClosedWith1001AndNoneIsKept() throws Exception {
        int before = ServletUpgrade.SharedGroup.INSTANCE.size();
        TestServer server = new TestServer((request, response) -> {
            WebSocket socket = ServletUpgrade.of(
                            request, response, WebSocketOptions.DEFAULT.with(options -> options.ping(Duration.ZERO)))
                    .accept();
            socket.onOpen(() -> events.add("open"));
            socket.onClose((code, reason) -> events.add("closed"));
        });
        try (RawClient client = RawClient.open(server.port())) {
            assertThat(event()).isEqualTo("open");
            await().until(server::isIdle); // Tomcat does not tell those that it is working on
            server.close();
            assertThat(client.read().closeCode()).isEqualTo(1001);
            assertThat(event()).isEqualTo("closed");
        }
        await().until(() -> ServletUpgrade.SharedGroup.INSTANCE.size() == before);
    }

    @Test
    void oneWhoseListenerRunsMeanwhileIsNotKeptEither() throws Exception {
        int before = ServletUpgrade.SharedGroup.INSTANCE.size();
        CountDownLatch stopped = new CountDownLatch(1);
        TestServer server = new TestServer((request, response) -> {
            WebSocket socket = ServletUpgrade.of(
                            request, response, WebSocketOptions.DEFAULT.with(options -> options.ping(Duration.ZERO)))
                    .accept();
            socket.onMessage(message -> {
                events.add(message.text());
                await().until(() -> stopped.getCount() == 0);
            });
            socket.onClose((code, reason) -> events.add("closed"));
        });
        try (RawClient client = RawClient.open(server.port())) {
            client.send(RawClient.text("busy"));
            assertThat(event()).isEqualTo("busy");
            server.close();
            stopped.countDown();
            assertThat(event()).isEqualTo("closed");
        }
        await().until(() -> ServletUpgrade.SharedGroup.INSTANCE.size() == before);
    }

    @Test
    void eventStreamsEndAndNoneIsKept() throws Exception {
        int before = ServletUpgrade.SharedGroup.INSTANCE.size();
        TestServer server = new TestServer((request, response) -> ServletEventStream.open(
                        request,
                        response,
                        new EventSourceOptions(
                                EventSourceOptions.DEFAULT.retry(),
                                Duration.ZERO,
                                EventSourceOptions.DEFAULT.maxBuffered(),
                                EventSourceOptions.DEFAULT.headers()))
                .onClose(() -> events.add("closed")));
        try (RawClient client = new RawClient(server.port())) {
            client.out.write(client.request("GET / HTTP/1.1"));
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            await().until(() -> ServletUpgrade.SharedGroup.INSTANCE.size() > before && server.isIdle());
            server.close();
            assertThat(event()).isEqualTo("closed");
        }
        await().until(() -> ServletUpgrade.SharedGroup.INSTANCE.size() == before);
    }
}
