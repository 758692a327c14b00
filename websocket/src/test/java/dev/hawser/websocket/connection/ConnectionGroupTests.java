package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketSet;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.protocol.ReadyState;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that are closed together. */
class ConnectionGroupTests {

    private static final WebSocketOptions QUICK = WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(150));

    private final ConnectionGroup group = ConnectionGroup.create();

    private ConnectionFixture open(WebSocketOptions options) {
        return new ConnectionFixture(options, group).open();
    }

    @AfterEach
    void end() {
        group.close();
    }

    /** Its application has ended it before the container could open it. */
    @Test
    void oneThatHasEndedIsNotWaitedFor() {
        ConnectionFixture never = new ConnectionFixture(WebSocketOptions.DEFAULT, group);
        never.socket.expected();
        assertThat(group.size()).isOne();
        never.socket.terminate();
        assertThat(group.size()).isZero();
        never.socket.expected();
        assertThat(group.size()).isZero();
    }

    @Test
    void countsWhatIsOpen() {
        ConnectionFixture never = new ConnectionFixture(QUICK, group);
        assertThat(group.size()).isZero();
        ConnectionFixture first = open(QUICK);
        ConnectionFixture second = open(QUICK);
        assertThat(group.size()).isEqualTo(2);
        first.receive(close(1000, ""));
        assertThat(group.size()).isEqualTo(1);
        second.reset();
        never.socket.terminate();
        assertThat(group.size()).isZero();
    }

    @Test
    void goAwayClosesWebSocketsWith1001AndEndsEventStreamsAndTellsWhenNoneIsLeft() {
        ConnectionFixture polite = open(WebSocketOptions.DEFAULT);
        ConnectionFixture rude = open(QUICK);
        Pipe response = new Pipe();
        EventSourceConnection stream = new EventSourceConnection(
                new EventSourceConnection.Client("http://test/", "/", "", null, "127.0.0.1", 0, 0),
                EventSourceOptions.DEFAULT,
                EventSourceObserver.NONE,
                group);
        stream.open(response);
        AtomicInteger empty = new AtomicInteger();

        group.goAway(empty::incrementAndGet);

        assertThat(group.isShuttingDown()).isTrue();
        assertThat(response.isClosed()).isTrue();
        assertThat(polite.pipe.received()).containsExactly("close 1001 Going away");
        assertThat(rude.pipe.received()).containsExactly("close 1001 Going away");
        assertThat(empty).hasValue(0);
        polite.receive(close(1001, "Going away"));
        polite.assertClosedAlone(1001, "Going away");
        rude.assertClosed(1006, "");
        await().until(() -> empty.get() == 1);
        group.goAway(empty::incrementAndGet);
        assertThat(empty).as("told at once where nothing is open").hasValue(2);
    }

    @Test
    void whoOpensWhileTheGroupGoesAwayIsClosedToo() {
        group.goAway();
        ConnectionFixture late = new ConnectionFixture(QUICK, group);
        late.socket.send("before");
        late.open();
        assertThat(late.pipe.received()).containsExactly("text before", "close 1001 Going away");
        late.receive(close(1001, ""));
        late.assertClosed(1001, "");

        group.comeBack();
        ConnectionFixture later = open(QUICK);
        assertThat(later.pipe.received()).isEmpty();
        assertThat(group.size()).isEqualTo(1);
    }

    @Test
    void closeCutsAllAndStillTellsTheirListeners() {
        ConnectionFixture peer = open(QUICK);
        group.close();
        peer.assertClosed(1006, "");
        ConnectionFixture late = open(QUICK);
        assertThat(late.pipe.received()).containsExactly("close 1001 Going away");
        late.receive(close(1001, ""));
        late.assertClosed(1001, "");
    }

    @Test
    void whatTheExecutorRefusesRunsOnAThreadOfTheGroup() {
        try (ConnectionGroup full = new ConnectionGroup(task -> {
            throw new RejectedExecutionException("full");
        })) {
            ConnectionFixture peer = new ConnectionFixture(QUICK, full).open();
            List<String> threads = new CopyOnWriteArrayList<>();
            peer.socket.onClose(
                    (code, reason) -> threads.add(Thread.currentThread().getName()));
            peer.socket.terminate();
            await().until(() -> !threads.isEmpty());
            assertThat(threads).singleElement().asString().startsWith("hawser-events-");
            assertThat(peer.events).containsExactly("open", "closed 1006 ");
        }
    }

    @Test
    void listenersAreToldThoughTheGroupIsClosed() {
        ConnectionGroup closed = ConnectionGroup.create();
        ConnectionFixture peer = new ConnectionFixture(QUICK, closed).open();
        closed.close();
        await().until(() -> peer.events.contains("closed 1006 "));
        List<String> late = new CopyOnWriteArrayList<>();
        peer.socket.onClose((code, reason) -> late.add("closed " + code));
        assertThat(late).containsExactly("closed 1006");
    }

    @Test
    void notAllAreToldToGoAwayAtOnce() throws Exception {
        List<ConnectionFixture> peers = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            peers.add(open(WebSocketOptions.DEFAULT.with(options -> options.closeTimeout(Duration.ofMinutes(1)))));
        }
        CountDownLatch timer = new CountDownLatch(1);
        group.schedule(
                () -> {
                    try {
                        timer.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                },
                Duration.ZERO);
        AtomicInteger empty = new AtomicInteger();
        group.goAway(Duration.ofMinutes(1), empty::incrementAndGet);
        assertThat(group.isShuttingDown()).isTrue();
        assertThat(peers)
                .filteredOn(peer -> peer.socket.state() != ReadyState.OPEN)
                .hasSize(100);
        timer.countDown();
        await().until(() -> peers.stream().noneMatch(peer -> peer.socket.state() == ReadyState.OPEN));
        assertThat(empty).hasValue(0);
        for (ConnectionFixture peer : peers) {
            assertThat(peer.pipe.received()).containsExactly("close 1001 Going away");
            peer.receive(close(1001, ""));
        }
        await().until(() -> empty.get() == 1);
    }

    @Test
    void webSocketsAreKnownWhileTheyAreOpenAndNotAfter() {
        WebSockets all = group.webSockets();
        WebSocketSet here = all.at("/");
        ConnectionFixture first = open(QUICK);
        ConnectionFixture second = open(QUICK);
        assertThat(all.count()).isEqualTo(2);
        assertThat(here.count()).isEqualTo(2);
        assertThat(here.except(first.socket)).containsExactly(second.socket);
        assertThat(all.of("ann")).isEmpty();
        here.send("hello");
        assertThat(first.pipe.received()).containsExactly("text hello");
        first.receive(close(1000, ""));
        assertThat(here).containsExactly(second.socket);
        all.terminate();
        assertThat(all.count()).isZero();
        assertThat(here.count()).isZero();
        assertThat((Object) all)
                .extracting("byEndpoint", InstanceOfAssertFactories.MAP)
                .as("nothing is left of an endpoint without connections")
                .isEmpty();
        assertThat(open(QUICK).socket).isIn(here);
    }

    @Test
    void aCloseThatIsNotAllowedIsRefusedThoughNobodyIsThere() {
        assertThatThrownBy(() -> group.webSockets().close(1006, "")).hasMessageContaining("1006");
        assertThatThrownBy(() -> group.webSockets().close(1000, "x".repeat(124)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyoneWhoWaitsForTheEndIsTold() {
        try (ConnectionGroup group = ConnectionGroup.create()) {
            List<String> told = new CopyOnWriteArrayList<>();
            ConnectionFixture peer = new ConnectionFixture(QUICK, group).open();
            group.goAway(() -> told.add("first"));
            group.goAway(() -> told.add("second"));
            assertThat(told).isEmpty();
            peer.socket.terminate();
            assertThat(told).containsExactly("first", "second");
        }
    }

    @Test
    void theTimerKeepsNothingOfWhoStartedItAndEndsWhenThereIsNothingToDo() throws Exception {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        AtomicReference<Thread> timer = new AtomicReference<>();
        AtomicReference<String> inherited = new AtomicReference<>("not run");
        Thread starter = new Thread(() -> {
            local.set("kept");
            group.schedule(
                    () -> {
                        inherited.set(local.get());
                        timer.set(Thread.currentThread());
                    },
                    Duration.ZERO);
        });
        starter.setContextClassLoader(new URLClassLoader(new URL[0]));
        starter.start();
        await().until(() -> timer.get() != null);
        assertThat(timer.get().getContextClassLoader()).isSameAs(ConnectionGroup.class.getClassLoader());
        assertThat(inherited).hasNullValue();
        timer.get().join(30_000);
        assertThat(timer.get().isAlive()).isFalse();
        AtomicReference<Thread> next = new AtomicReference<>();
        group.schedule(() -> next.set(Thread.currentThread()), Duration.ZERO);
        await().until(() -> next.get() != null);
    }

    @Test
    void whatIsCutIsGoneAtOnce() {
        ConnectionFixture peer = open(WebSocketOptions.DEFAULT);
        AtomicInteger empty = new AtomicInteger();
        group.goAway(empty::incrementAndGet);
        assertThat(empty).hasValue(0);
        group.terminate();
        assertThat(empty).hasValue(1);
        peer.assertClosed(1006, "");
    }
}
