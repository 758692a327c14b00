package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * CVE-2026-45736, CVE-2016-10518 (ws): the buffer that one peer's bytes are read into is this thread's, for the next peer's,
 * too.
 */
class ReadBufferTests {

    private final ConnectionFixture peer = new ConnectionFixture().open();
    private final ConnectionFixture other = new ConnectionFixture().open();

    @BeforeEach
    void giveThisThreadItsBuffer() {
        read(other, "a", "b");
    }

    @AfterEach
    void end() {
        peer.close();
        other.close();
    }

    /** On this thread, both. */
    private static void read(ConnectionFixture from, String first, String second) {
        from.pipe.peerWrites(join(text(first), text(second)));
        from.socket.onReadable();
    }

    @Test
    void whatWaitsIsNotOverwrittenByWhatAnotherPeerSends() {
        peer.socket.onMessage(message -> peer.socket.pause());
        read(peer, "one", "two");
        read(other, "xxx", "yyy");
        peer.socket.resume();
        await().until(() -> peer.events.size() > 2);
        assertThat(peer.events).containsExactly("open", "message one", "message two");
    }

    /** As with an executor that runs what it is given there and then. */
    @Test
    void whatIsReadIsNotOverwrittenByAListenerThatReadsForAnotherPeer() {
        peer.socket.onMessage(message -> read(other, "xxx", "yyy"));
        read(peer, "one", "two");
        assertThat(peer.events).containsExactly("open", "message one", "message two");
    }
}
