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
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "websocket",
                        List.of(
                                "ClientWebSocket",
                                "CloseException",
                                "ConnectFailedException",
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
                                "WebSockets"),
                        "eventsource",
                        List.of("EventEncoder", "EventSource", "EventSourceObserver", "EventSourceOptions"),
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
                                "Violation"),
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
                                "Version"),
                        "websocket.extension",
                        List.of(
                                "Extension",
                                "ExtensionException",
                                "ExtensionMessage",
                                "Lane",
                                "Negotiation",
                                "NegotiationException",
                                "Pipeline"),
                        "websocket.extension.deflate",
                        List.of("DeflateOptions", "PermessageDeflate"),
                        "websocket.connection",
                        List.of(
                                "ClientConnection",
                                "ConnectionGroup",
                                "EventSourceConnection",
                                "Sink",
                                "Transport",
                                "WebSocketConnection"),
                        "websocket.client",
                        List.of(
                                "ClientObserver",
                                "ClientOptions",
                                "ProxyOptions",
                                "ProxySelection",
                                "TlsOptions",
                                "WebSocketClient"),
                        "websocket.stream",
                        List.of("MessageStream", "WebSocketClosedException", "WebSocketStream"),
                        "websocket.servlet",
                        List.of(
                                "HandshakeValve",
                                "ProtocolSwitch",
                                "ServletEventStream",
                                "ServletUpgrade",
                                "TomcatUpgradeHandler")));
    }
}
