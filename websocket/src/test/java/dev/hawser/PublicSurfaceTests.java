package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The types that users can see: a new one is added here on purpose. */
class PublicSurfaceTests {

    @Test
    void thesePackagesShowTheseTypes() {
        Map<String, List<String>> types = new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests()).importPackages("dev.hawser").stream()
                        .filter(type -> type.isTopLevelClass()
                                && type.getModifiers().contains(JavaModifier.PUBLIC)
                                && !type.getSimpleName().equals("package-info"))
                        .sorted((a, b) -> a.getName().compareTo(b.getName()))
                        .collect(Collectors.groupingBy(
                                type -> type.getPackageName().replace("dev.hawser.", ""),
                                TreeMap::new,
                                Collectors.mapping(type -> type.getSimpleName(), Collectors.toList())));

        assertThat(types)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry(
                                "websocket",
                                List.of(
                                        "ClientWebSocket",
                                        "CloseCause",
                                        "CloseEvent",
                                        "CloseException",
                                        "ConnectFailedException",
                                        "Connection",
                                        "ConnectionStatistics",
                                        "ConnectionTracing",
                                        "Message",
                                        "Reconnect",
                                        "SendOptions",
                                        "WebSocket",
                                        "WebSocketException",
                                        "WebSocketListener",
                                        "WebSocketObserver",
                                        "WebSocketOptions",
                                        "WebSocketRequest",
                                        "WebSocketSet",
                                        "WebSockets")),
                        Map.entry(
                                "eventsource",
                                List.of(
                                        "EncodedEvent",
                                        "EventEncoder",
                                        "EventIds",
                                        "EventSource",
                                        "EventSourceObserver",
                                        "EventSourceOptions")),
                        Map.entry(
                                "topic",
                                List.of(
                                        "History",
                                        "MemoryTopicStore",
                                        "SlowReceivers",
                                        "Topic",
                                        "TopicHub",
                                        "TopicId",
                                        "TopicMember",
                                        "TopicMessage",
                                        "TopicObserver",
                                        "TopicOptions",
                                        "TopicStore",
                                        "Topics")),
                        Map.entry(
                                "websocket.protocol",
                                List.of(
                                        "ByteQueue",
                                        "CloseCode",
                                        "Driver",
                                        "Event",
                                        "Frame",
                                        "Framing",
                                        "HybiDriver",
                                        "Limits",
                                        "Opcode",
                                        "Outgoing",
                                        "ReadyState",
                                        "Violation")),
                        Map.entry(
                                "websocket.handshake",
                                List.of(
                                        "ClientHandshake",
                                        "ClientHandshakeException",
                                        "ConnectFailure",
                                        "ExtensionHeader",
                                        "HandshakeException",
                                        "HandshakeRefusal",
                                        "HandshakeRequest",
                                        "HandshakeResponse",
                                        "HttpText",
                                        "OriginPolicy",
                                        "ServerHandshake",
                                        "Version")),
                        Map.entry(
                                "websocket.extension",
                                List.of(
                                        "Extension",
                                        "ExtensionException",
                                        "ExtensionMessage",
                                        "Lane",
                                        "Negotiation",
                                        "NegotiationException",
                                        "Pipeline")),
                        Map.entry("websocket.extension.deflate", List.of("DeflateOptions", "PermessageDeflate")),
                        Map.entry(
                                "websocket.connection",
                                List.of(
                                        "ClientConnection",
                                        "ConnectionGroup",
                                        "EventSourceConnection",
                                        "Sink",
                                        "Transport",
                                        "WebSocketConnection")),
                        Map.entry("websocket.memory", List.of("MemoryBudget")),
                        Map.entry(
                                "websocket.client",
                                List.of(
                                        "ClientObserver",
                                        "ClientOptions",
                                        "HandshakeObserver",
                                        "ProxyOptions",
                                        "ProxySelection",
                                        "TlsOptions",
                                        "WebSocketClient")),
                        Map.entry(
                                "websocket.stream",
                                List.of("MessageStream", "WebSocketClosedException", "WebSocketStream")),
                        Map.entry(
                                "websocket.servlet",
                                List.of(
                                        "HandshakeValve",
                                        "ProtocolSwitch",
                                        "ServletEventStream",
                                        "ServletUpgrade",
                                        "TomcatUpgradeHandler"))));
    }
}
