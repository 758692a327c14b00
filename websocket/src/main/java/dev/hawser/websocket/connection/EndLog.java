package dev.hawser.websocket.connection;

import dev.hawser.websocket.CloseCause;
import dev.hawser.websocket.CloseEvent;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.ConnectionStatistics;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.HttpText;
import java.security.Principal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each connection that has ended, with all that it takes to understand why. Nothing of what was said. */
final class EndLog {

    private static final Logger webSockets = LoggerFactory.getLogger("dev.hawser.websocket.connections");
    private static final Logger eventSources = LoggerFactory.getLogger("dev.hawser.eventsource.connections");

    private EndLog() {}

    /** Whether anybody wants to read of WebSockets. */
    static boolean hearsWebSockets() {
        return webSockets.isDebugEnabled();
    }

    /** Whether anybody wants to read of event streams. */
    static boolean hearsEventSources() {
        return eventSources.isDebugEnabled();
    }

    /** @param end as it was just before the end */
    static void ended(WebSocketConnection socket, CloseEvent event, ConnectionStatistics end) {
        webSockets.debug(
                "{} closed with {}{}, by {}, cause {}{}; open for {}, quiet for {}; received {} messages ({} bytes), sent {} ({} bytes), {} bytes not written{}; {}{}{}",
                who(socket),
                event.code(),
                event.reason().isEmpty() ? "" : " \"" + HttpText.logged(event.reason()) + '"',
                event.cause().initiator(),
                event.cause().id(),
                event.violation() == null ? "" : " " + event.violation().id(),
                rounded(end.age()),
                rounded(end.idle()),
                end.messagesReceived(),
                end.bytesReceived(),
                end.messagesSent(),
                end.bytesSent(),
                end.buffered(),
                end.roundTrip() == null ? "" : ", last round trip " + end.roundTrip(),
                socket.version(),
                socket.protocol().isEmpty() ? "" : ", " + HttpText.logged(socket.protocol()),
                names(socket.extensions()));
    }

    /** @param end as it was just before the end */
    static void ended(EventSourceConnection events, CloseCause cause, ConnectionStatistics end) {
        eventSources.debug(
                "{} closed, by {}, cause {}; open for {}, quiet for {}; sent {} events ({} bytes), {} bytes not written",
                who(events),
                cause.initiator(),
                cause.id(),
                rounded(end.age()),
                rounded(end.idle()),
                end.messagesSent(),
                end.bytesSent(),
                end.buffered());
    }

    private static String who(Connection connection) {
        Principal principal = connection.principal();
        String user = principal == null ? "" : " (" + HttpText.logged(String.valueOf(principal.getName())) + ')';
        return '[' + connection.id() + "] " + HttpText.logged(connection.endpoint()) + " with "
                + HttpText.logged(connection.remoteAddress()) + user;
    }

    private static Duration rounded(Duration exact) {
        return exact.truncatedTo(ChronoUnit.MILLIS);
    }

    private static String names(List<ExtensionHeader> extensions) {
        return extensions.stream()
                .map(extension -> ", " + HttpText.logged(extension.name()))
                .collect(Collectors.joining());
    }
}
