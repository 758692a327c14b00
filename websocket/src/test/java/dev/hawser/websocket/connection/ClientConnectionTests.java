package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Driver;
import dev.hawser.websocket.protocol.ReadyState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a connection does otherwise as the client's end of it. */
class ClientConnectionTests {

    private final WebSocketOptions options = WebSocketOptions.DEFAULT.with(ConnectionFixture.patience(200));
    private ConnectionFixture server = open(options);

    private static ConnectionFixture open(WebSocketOptions options) {
        Driver driver =
                Driver.forClient(Version.HYBI_13, options.limits(), options.framing(), Pipeline.NONE, () -> 0x37fa213d);
        return new ConnectionFixture(driver, options, ConnectionGroup.create()).open();
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void masksWhatItSendsAndReadsWhatIsNotMasked() {
        server.socket.send("Hello");
        assertThat(server.pipe.receivedBytes()).isEqualTo(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
        server.receive(hex("81 05"), utf8("Hello"));
        assertThat(server.events).contains("message Hello");
    }

    /** Section 7.1.1: the server closes the socket first. */
    @Test
    void waitsForTheServerToCloseTheSocket() {
        server.socket.close(1000, "bye");
        server.receive(hex("88 05 03 e8"), utf8("bye"));
        assertThat(server.pipe.isClosed()).isFalse();
        assertThat(server.socket.state()).isEqualTo(ReadyState.CLOSING);
        server.endOfInput();
        server.assertClosed(1000, "bye");
    }

    @Test
    void answersTheServersCloseFrameAndWaitsToo() {
        server.receive(hex("88 02 03 e9"));
        assertThat(server.pipe.receivedBytes()).isEqualTo(hex("88 82 37 fa 21 3d 34 13"));
        assertThat(server.pipe.isClosed()).isFalse();
        server.endOfInput();
        server.assertClosed(1001, "");
    }

    @Test
    void waitsNotForEver() {
        server.receive(hex("88 02 03 e8"));
        server.assertClosed(1000, "");
    }

    @Test
    void failsForAMaskedFrame() {
        server.receive(join(hex("81 85 37 fa 21 3d"), hex("7f 9f 4d 51 58"))).endOfInput();
        server.assertClosed(1002, "Expected a frame without a mask from a server");
        assertThat(server.observed).contains("violated MASKED_FRAME");
    }

    @Test
    void showsControlFramesAsTheyCame() {
        server.close();
        server = open(options.with(o -> o.assembleFragments(false)));
        server.socket.onFrame(frame -> server.events.add("masked " + frame.masked()));
        server.receive(hex("89 00"));
        assertThat(server.events).contains("masked false");
    }
}
