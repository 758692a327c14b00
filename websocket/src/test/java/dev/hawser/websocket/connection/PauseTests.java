package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.close;
import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.protocol.ReadyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that is paused hears nothing, loses nothing, and still ends. */
@Timeout(60)
class PauseTests {

    private static final WebSocketOptions QUICK = WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(150));

    private final List<ConnectionFixture> fixtures = new ArrayList<>();

    private ConnectionFixture open(WebSocketOptions options) {
        ConnectionFixture fixture = new ConnectionFixture(options).open();
        fixtures.add(fixture);
        return fixture;
    }

    @AfterEach
    void end() {
        fixtures.forEach(ConnectionFixture::close);
    }

    @Test
    void nothingIsReadWhilePausedAndAllOfItAfterwards() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.pause();
        assertThat(peer.socket.isPaused()).isTrue();
        peer.receive(text("one"), frame(0x89, utf8("?")), text("two"));
        assertThat(peer.pipe.hasInput()).isTrue();
        assertThat(peer.events).containsExactly("open");
        assertThat(peer.pipe.received()).isEmpty();

        peer.socket.resume();
        await().until(() -> peer.events.contains("message two"));
        assertThat(peer.events).containsExactly("open", "message one", "ping ?", "message two");
        assertThat(peer.socket.isPaused()).isFalse();
        peer.receive(text("three"));
        assertThat(peer.events).contains("message three");
    }

    @Test
    void noMessageIsHeardAfterAListenerHasPausedThoughItWasRead() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.onMessage(message -> peer.socket.pause());
        peer.receive(text("one"), text("two"), frame(0x89, utf8("?")), text("three"));
        assertThat(peer.events).containsExactly("open", "message one");
        peer.socket.resume();
        await().until(() -> peer.events.contains("message two"));
        peer.receive(text("four"));
        assertThat(peer.events).containsExactly("open", "message one", "message two");
        peer.socket.resume();
        await().until(() -> peer.events.contains("message three"));
        peer.socket.resume();
        await().until(() -> peer.events.contains("message four"));
        assertThat(peer.events)
                .containsExactly("open", "message one", "message two", "ping ?", "message three", "message four");
    }

    @Test
    void aListenerThatPausesAndResumesLosesNothing() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.onMessage(message -> {
            peer.socket.pause();
            peer.socket.resume();
        });
        peer.receive(text("one"), text("two"), text("three"));
        await().until(() -> peer.events.contains("message three"));
        assertThat(peer.events).containsExactly("open", "message one", "message two", "message three");
    }

    /** From another thread at any moment, thousands of times: nothing is lost, doubled or out of order. */
    @Test
    void threadsThatPauseAndResumeAllTheTimeLoseNothing() throws Exception {
        ConnectionFixture peer = open(QUICK);
        Thread restless = new Thread(() -> {
            Random random = new Random(1);
            while (!Thread.currentThread().isInterrupted()) {
                peer.socket.pause();
                for (int i = random.nextInt(2000); i > 0; i--) {
                    Thread.onSpinWait();
                }
                peer.socket.resume();
            }
        });
        restless.start();
        int count = 5000;
        for (int i = 0; i < count; i++) {
            peer.receiveLater(text("m" + i));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> peer.events.size() == count + 1);
        restless.interrupt();
        restless.join();
        assertThat(peer.events.subList(1, count + 1))
                .isEqualTo(
                        IntStream.range(0, count).mapToObj(i -> "message m" + i).toList());
    }

    @Test
    void halfAMessageWaitsForItsOtherHalf() {
        ConnectionFixture peer = open(QUICK);
        byte[] message = text("Hello");
        peer.receive(Arrays.copyOf(message, 4));
        peer.socket.pause();
        peer.receive(Arrays.copyOfRange(message, 4, message.length));
        assertThat(peer.events).containsExactly("open");
        peer.socket.resume();
        await().until(() -> peer.events.contains("message Hello"));
    }

    @Test
    void sendingGoesOn() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.pause();
        assertThat(peer.socket.send("Hello")).isTrue();
        assertThat(peer.pipe.received()).containsExactly("text Hello");
    }

    @Test
    void aPauseBeforeItIsOpenHoldsBackTheFirstMessage() {
        ConnectionFixture peer = new ConnectionFixture(QUICK);
        fixtures.add(peer);
        peer.socket.pause();
        peer.open().receive(text("one"));
        assertThat(peer.events).containsExactly("open");
        peer.socket.resume();
        await().until(() -> peer.events.contains("message one"));
    }

    @Test
    void aCloseThatWeBeginIsAnsweredAfterResume() {
        ConnectionFixture peer = open(WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(10_000)));
        peer.socket.pause();
        peer.receive(text("one"));
        peer.socket.close(1000, "bye");
        assertThat(peer.pipe.received()).containsExactly("close 1000 bye");
        peer.receive(close(1000, "bye"));
        assertThat(peer.socket.state()).isEqualTo(ReadyState.CLOSING);
        peer.socket.resume();
        peer.assertClosed(1000, "bye");
        assertThat(peer.events).containsExactly("open", "message one", "closed 1000 bye");
    }

    @Test
    void aCloseThatWeBeginIsCutInTimeIfNobodyResumes() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.pause();
        peer.socket.close(1000, "bye");
        peer.receive(close(1000, "bye"));
        peer.assertClosed(1006, "");
    }

    @Test
    void goingAwayEndsInTimeToo() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.pause();
        peer.group.goAway();
        peer.assertClosed(1006, "");
        assertThat(peer.pipe.received()).containsExactly("close 1001 Going away");
    }

    @Test
    void terminateEndsItAtOnce() {
        ConnectionFixture peer = open(QUICK);
        peer.socket.pause();
        peer.receive(text("one"));
        peer.socket.terminate();
        peer.assertClosed(1006, "");
        peer.socket.resume();
        assertThat(peer.events).containsExactly("open", "closed 1006 ");
    }

    /** Nobody hears what the peer still sends, but it must be read, or the peer does not read our reason. */
    @Test
    void aDropReadsOnToTheEnd() {
        ConnectionFixture peer = open(WebSocketOptions.DEFAULT);
        peer.socket.onMessage(message -> peer.socket.pause());
        peer.receive(text("one"), text("two"));
        peer.socket.drop(1008, "Enough");
        peer.receive(text("three")).endOfInput();
        await().until(peer.pipe::isEndRead);
        peer.assertClosed(1008, "Enough");
        assertThat(peer.events).containsExactly("open", "message one", "closed 1008 Enough");
    }

    @Test
    void aSilenceThatIsOursDoesNotMakeThePeerDead() {
        ConnectionFixture peer =
                open(QUICK.with(o -> o.ping(Duration.ofMillis(20)).pingTimeout(Duration.ofMillis(20))));
        peer.socket.pause();
        await().until(() -> peer.pipe.received().size() > 10);
        assertThat(peer.socket.state()).isEqualTo(ReadyState.OPEN);
        peer.socket.resume();
        peer.assertClosed(1006, ""); // but now it is
    }
}
