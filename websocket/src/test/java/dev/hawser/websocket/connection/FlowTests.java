package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.stream.WebSocketClosedException;
import dev.hawser.websocket.stream.WebSocketStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A socket as a publisher and as a subscriber keeps the rules of Reactive Streams, whose numbers stand at the tests. */
class FlowTests {

    private static final WebSocketOptions QUICK = WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(150));

    private final List<ConnectionFixture> fixtures = new ArrayList<>();

    private ConnectionFixture connecting(WebSocketOptions options) {
        ConnectionFixture fixture = new ConnectionFixture(options);
        fixtures.add(fixture);
        return fixture;
    }

    @AfterEach
    void end() {
        fixtures.forEach(ConnectionFixture::close);
    }

    /** Writes down all that it hears, and fails where two things are told at once. */
    private static final class Listening implements Flow.Subscriber<Message> {

        final List<String> heard = new CopyOnWriteArrayList<>();
        final List<Throwable> errors = new CopyOnWriteArrayList<>();
        final AtomicBoolean overlapping = new AtomicBoolean();
        private final AtomicBoolean busy = new AtomicBoolean();
        private final Consumer<Flow.Subscription> onNext;
        volatile Flow.@Nullable Subscription subscription;

        Listening(Consumer<Flow.Subscription> onNext) {
            this.onNext = onNext;
        }

        Listening() {
            this(subscription -> {});
        }

        private void hear(Runnable what) {
            if (!busy.compareAndSet(false, true)) {
                overlapping.set(true);
            }
            what.run();
            busy.set(false);
        }

        @Override
        public void onSubscribe(Flow.Subscription offered) {
            hear(() -> {
                subscription = offered;
                heard.add("subscribed");
            });
        }

        @Override
        public void onNext(Message message) {
            hear(() -> {
                heard.add(message.text());
                onNext.accept(subscription());
            });
        }

        @Override
        public void onError(Throwable failure) {
            hear(() -> {
                errors.add(failure);
                heard.add("error");
            });
        }

        @Override
        public void onComplete() {
            hear(() -> heard.add("complete"));
        }

        Flow.Subscription subscription() {
            Flow.Subscription known = subscription;
            if (known == null) {
                throw new AssertionError("Not subscribed");
            }
            return known;
        }
    }

    @Nested
    class APublisher {

        private final ConnectionFixture peer = connecting(QUICK);
        private final Flow.Publisher<Message> publisher =
                WebSocketStream.of(peer.socket).publisher();
        private final Listening listening = new Listening();

        private Listening subscribed() {
            publisher.subscribe(listening);
            peer.open();
            return listening;
        }

        /** 1.1, and backpressure. */
        @Test
        void tellsNoMoreThanIsAskedForAndReadsOneMore() {
            subscribed();
            peer.receive(text("1"), text("2"), text("3"), text("4"), text("5"));
            assertThat(listening.heard).containsExactly("subscribed");
            assertThat(peer.socket.isPaused()).isTrue();
            listening.subscription().request(2);
            await().until(() -> listening.heard.size() == 3);
            await().until(() -> peer.socket.isPaused() && peer.events.contains("message 3"));
            assertThat(peer.events).contains("message 3").doesNotContain("message 4");
            listening.subscription().request(1);
            listening.subscription().request(2);
            await().until(() -> listening.heard.size() == 6);
            assertThat(listening.heard).containsExactly("subscribed", "1", "2", "3", "4", "5");
            assertThat(peer.socket.isPaused()).isFalse();
        }

        /** 1.5: without being asked for. */
        @Test
        void completesOnceWhenTheSocketIsClosed() {
            subscribed();
            peer.receive(close(1000, ""));
            peer.assertClosed(1000, "");
            assertThat(listening.heard).containsExactly("subscribed", "complete");
            listening.subscription().request(1);
            listening.subscription().request(-1);
            assertThat(listening.heard).hasSize(2);
        }

        @Test
        void completesAfterAllMessagesAreAskedFor() {
            subscribed();
            peer.receive(text("1"));
            listening.subscription().request(1);
            await().until(() -> listening.heard.contains("1"));
            peer.receive(text("2"));
            listening.subscription().request(1);
            await().until(() -> listening.heard.contains("2"));
            peer.receive(close(1000, ""));
            peer.assertClosed(1000, "");
            assertThat(listening.heard).containsExactly("subscribed", "1", "2", "complete");
        }

        /** 1.4 */
        @Test
        void failsWithCodeAndReason() {
            subscribed();
            peer.receive(text("1"));
            peer.socket.drop(1008, "Enough");
            peer.endOfInput();
            peer.assertClosed(1008, "Enough");
            assertThat(listening.heard).containsExactly("subscribed");
            listening.subscription().request(1);
            assertThat(listening.heard).containsExactly("subscribed", "1", "error");
            assertThat(listening.errors)
                    .singleElement()
                    .isInstanceOf(WebSocketClosedException.class)
                    .asInstanceOf(InstanceOfAssertFactories.type(WebSocketClosedException.class))
                    .matches(closed -> closed.code() == 1008);
        }

        /** 1.9, 1.11 */
        @Test
        void hasOneSubscriber() {
            subscribed();
            Listening second = new Listening();
            publisher.subscribe(second);
            assertThat(second.heard).containsExactly("subscribed", "error");
            assertThat(second.errors).singleElement().isInstanceOf(IllegalStateException.class);
            second.subscription().request(10);
            second.subscription().cancel();
            listening.subscription().request(1);
            peer.receive(text("1"));
            assertThat(listening.heard).containsExactly("subscribed", "1");
            assertThat(second.heard).hasSize(2);
        }

        @Test
        @SuppressWarnings("NullAway")
        void refusesNobody() {
            assertThatNullPointerException().isThrownBy(() -> publisher.subscribe(null));
        }

        /** 3.9 */
        @ParameterizedTest
        @ValueSource(longs = {0, -1, Long.MIN_VALUE})
        void failsWhereLessThanOneIsAskedFor(long demand) {
            subscribed();
            peer.receive(text("1"));
            listening.subscription().request(demand);
            assertThat(listening.heard).containsExactly("subscribed", "error");
            assertThat(listening.errors)
                    .singleElement()
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasToString("java.lang.IllegalArgumentException: Expected a demand of 1 or more but was " + demand
                            + " (Reactive Streams, rule 3.9)");
            listening.subscription().request(5);
            peer.receive(text("2"));
            assertThat(listening.heard).hasSize(2);
            await().until(() -> !peer.socket.isPaused());
        }

        /** 1.8, 3.5 to 3.7 */
        @Test
        void isSilentAfterItWasCancelledAndLeavesTheSocketOpen() {
            subscribed();
            peer.receive(text("1"), text("2"));
            listening.subscription().cancel();
            listening.subscription().cancel();
            listening.subscription().request(5);
            peer.receive(text("3"));
            await().until(() -> peer.events.contains("message 3"));
            assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
            peer.receive(close(1000, ""));
            peer.assertClosed(1000, "");
            assertThat(listening.heard).containsExactly("subscribed");
        }

        /** 3.3, 3.17: thousands deep it would not come back. */
        @ParameterizedTest
        @ValueSource(longs = {1, Long.MAX_VALUE})
        void isAskedWhileItTells(long demand) {
            Listening asking = new Listening(subscription -> subscription.request(demand));
            publisher.subscribe(asking);
            peer.open();
            asking.subscription().request(1);
            byte[][] messages =
                    IntStream.range(0, 8_000).mapToObj(i -> text("x")).toArray(byte[][]::new);
            peer.receive(messages);
            await().until(() -> asking.heard.size() == 8_001);
        }

        @Test
        void keepsWhatComesBeforeSomebodySubscribes() {
            peer.open().receive(text("1"), text("2"), text("3"));
            assertThat(peer.socket.isPaused()).isTrue();
            publisher.subscribe(listening);
            listening.subscription().request(Long.MAX_VALUE);
            await().until(() -> listening.heard.size() == 4);
            assertThat(listening.heard).containsExactly("subscribed", "1", "2", "3");
        }

        /** 2.13: it counts as cancelled; as a listener that throws, it costs its connection. */
        @Test
        void cancelsWhoThrows() {
            Listening throwing = new Listening(subscription -> {
                throw new IllegalStateException("broken");
            });
            publisher.subscribe(throwing);
            throwing.subscription().request(5);
            peer.open().receive(text("1"), text("2")).endOfInput();
            peer.assertClosed(1011, "Internal error");
            assertThat(throwing.heard).containsExactly("subscribed", "1");
        }

        @Test
        void needsWholeMessages() {
            ConnectionFixture framed = connecting(QUICK.with(o -> o.assembleFragments(false)));
            WebSocketStream.of(framed.socket).publisher().subscribe(listening);
            framed.open().receive(text("whole"), frame(0x01, utf8("half")));
            assertThat(listening.heard).containsExactly("subscribed", "error");
            assertThat(listening.errors).singleElement().asString().contains("Expected whole messages but was a part");
        }

        /** Many threads ask for one message at a time, while they come. */
        @Test
        void tellsOneThingAtATimeInOrder() {
            subscribed();
            int count = 5000;
            AtomicInteger asked = new AtomicInteger();
            for (int i = 0; i < 4; i++) {
                Thread asking = new Thread(() -> {
                    while (asked.getAndIncrement() < count) {
                        listening.subscription().request(1);
                    }
                });
                asking.setDaemon(true);
                asking.start();
            }
            for (int i = 0; i < count; i++) {
                peer.receiveLater(text("m" + i));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> listening.heard.size() == count + 1);
            assertThat(listening.heard.subList(1, count + 1))
                    .isEqualTo(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
            assertThat(listening.overlapping).isFalse();
        }
    }

    /** Whatever comes and is asked for in whatever order: 1.1, 1.3, 1.5, 1.7. */
    @Property(tries = 60)
    void whateverHappensTheRulesAreKept(
            @ForAll @Size(max = 25) List<@IntRange(min = 0, max = 9) Integer> steps, @ForAll boolean closes) {
        try (ConnectionFixture peer = new ConnectionFixture(QUICK)) {
            Listening listening = new Listening();
            WebSocketStream.of(peer.socket).publisher().subscribe(listening);
            peer.open();
            int sent = 0;
            int asked = 0;
            for (int step : steps) {
                if (step < 5) {
                    for (int i = 0; i < step; i++) {
                        peer.receive(text("m" + sent++));
                    }
                } else {
                    asked += step - 4;
                    listening.subscription().request(step - 4);
                }
                assertThat(listening.heard.size() - 1).isLessThanOrEqualTo(Math.min(sent, asked));
            }
            int told = Math.min(sent, asked);
            await().until(() -> listening.heard.size() == told + 1);
            int all = sent;
            if (closes) {
                peer.receive(close(1000, ""));
                listening.subscription().request(Long.MAX_VALUE);
                peer.assertClosed(1000, "");
                await().until(() -> listening.heard.size() == all + 2);
                assertThat(listening.heard).endsWith("complete");
            }
            assertThat(listening.heard.subList(1, 1 + (closes ? all : told)))
                    .isEqualTo(IntStream.range(0, closes ? all : told)
                            .mapToObj(i -> "m" + i)
                            .toList());
            assertThat(listening.overlapping).isFalse();
        }
    }

    @Nested
    class ASubscriber {

        private final WebSocketOptions small = QUICK.with(o -> o.maxBuffered(1600)); // senders wait above 100 bytes
        private final ConnectionFixture peer = connecting(small).open();
        private final Flow.Subscriber<Message> subscriber =
                WebSocketStream.of(peer.socket).subscriber();
        private final List<String> told = new CopyOnWriteArrayList<>();
        private final Flow.Subscription subscription = new Flow.Subscription() {
            @Override
            public void request(long count) {
                told.add("request " + count);
            }

            @Override
            public void cancel() {
                told.add("cancel");
            }
        };

        @Test
        void asksForTheNextMessageWhenTheSocketTakesIt() {
            subscriber.onSubscribe(subscription);
            assertThat(told).containsExactly("request 1");
            subscriber.onNext(Message.text("one"));
            assertThat(told).containsExactly("request 1", "request 1");
            peer.pipe.limitRoom(0);
            subscriber.onNext(Message.text("x".repeat(200)));
            assertThat(told).hasSize(2);
            peer.peerReads(100);
            assertThat(told).hasSize(2);
            peer.peerReads(1000);
            await().until(() -> told.size() == 3);
            assertThat(told).containsOnly("request 1");
            assertThat(peer.pipe.received()).containsExactly("text one", "text " + "x".repeat(200));
        }

        /** 2.5 */
        @Test
        void keepsItsFirstSubscription() {
            subscriber.onSubscribe(subscription);
            subscriber.onSubscribe(subscription);
            assertThat(told).containsExactly("request 1", "cancel");
        }

        @Test
        void cancelsWhenTheSocketEnds() {
            subscriber.onSubscribe(subscription);
            peer.socket.terminate();
            await().until(() -> told.contains("cancel"));
            subscriber.onNext(Message.text("too late"));
            assertThat(told).containsExactly("request 1", "cancel");
        }

        @Test
        void cancelsAtOnceWhereTheSocketHasEnded() {
            peer.socket.terminate();
            peer.assertClosed(1006, "");
            subscriber.onSubscribe(subscription);
            await().until(() -> told.contains("cancel"));
            assertThat(told).containsExactly("cancel");
        }

        @Test
        void closesWhenAllIsSent() {
            subscriber.onSubscribe(subscription);
            subscriber.onNext(Message.binary(utf8("last")));
            subscriber.onComplete();
            assertThat(peer.pipe.received()).containsExactly("binary last", "close 1000 ");
            peer.receive(close(1000, ""));
            peer.assertClosed(1000, "");
            assertThat(told).doesNotContain("cancel"); // 2.4: the subscription is over
        }

        @Test
        void dropsTheSocketAfterAnError() {
            subscriber.onSubscribe(subscription);
            subscriber.onError(new IllegalStateException("secret"));
            assertThat(peer.pipe.received()).containsExactly("close 1011 Internal error");
            peer.endOfInput();
            peer.assertClosed(1011, "Internal error");
        }

        /** 2.13 */
        @Test
        @SuppressWarnings("NullAway")
        void refusesNull() {
            assertThatNullPointerException().isThrownBy(() -> subscriber.onSubscribe(null));
            assertThatNullPointerException().isThrownBy(() -> subscriber.onNext(null));
            assertThatNullPointerException().isThrownBy(() -> subscriber.onError(null));
        }

        @Test
        void getsEverythingFromAPublisherThroughANeedlesEye() {
            peer.pipe.limitRoom(0);
            List<String> expected = new ArrayList<>();
            try (SubmissionPublisher<Message> publisher = new SubmissionPublisher<>(Runnable::run, 100_000)) {
                publisher.subscribe(subscriber);
                for (int i = 0; i < 500; i++) {
                    publisher.submit(Message.text("message " + i));
                    expected.add("text message " + i);
                }
            }
            expected.add("close 1000 ");
            assertThat(peer.socket.bufferedAmount()).isLessThan(200);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                peer.peerReads(500);
                return peer.pipe.received().size() == expected.size();
            });
            assertThat(peer.pipe.received()).isEqualTo(expected);
        }
    }
}
