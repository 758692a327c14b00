package dev.hawser.websocket.connection;

import static dev.hawser.websocket.protocol.Bytes.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.HybiDriver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection that was opened late hears nothing before somebody else can. */
class AwaitedListenerTests {

    private final ConnectionGroup group = ConnectionGroup.create();
    private final Pipe pipe = new Pipe();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        group.close();
    }

    private WebSocketConnection openLater(WebSocketOptions options) {
        WebSocketConnection socket = new WebSocketConnection(
                new HybiDriver(Version.HYBI_13, options.limits(), options.framing(), Pipeline.NONE),
                new WebSocketConnection.Peer("ws://test/", "/", "", List.of(), null, "127.0.0.1"),
                options,
                WebSocketObserver.NONE,
                group);
        socket.openLater(pipe);
        return socket;
    }

    /** As who listens for both does, whatever the options are: a stream, for instance. */
    @Test
    void aListenerForFramesIsNoneForMessagesThatArePutTogether() throws Exception {
        WebSocketConnection socket = openLater(WebSocketOptions.DEFAULT);
        pipe.peerWrites(text("early"));
        socket.onFrame(frame -> events.add("frame"));
        assertThat(socket.onReadable()).isFalse();
        socket.onMessage(message -> events.add(message.text()));
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("early");
    }

    @Test
    void aListenerForMessagesIsNoneWhereTheyAreHandedOnWhileTheyCome() throws Exception {
        WebSocketConnection socket = openLater(WebSocketOptions.DEFAULT.with(options -> options.streaming(true)));
        pipe.peerWrites(text("early"));
        socket.onMessage(message -> events.add("message"));
        assertThat(socket.onReadable()).isFalse();
        socket.onFrame(frame -> events.add("frame " + frame.length()));
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("frame 5");
    }
}
