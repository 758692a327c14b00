package dev.hawser.benchmarks;

import java.net.URI;

/** A client under load, set up as it is by itself, but without compression. */
interface ClientLibrary {

    /** Begins to open a connection, and tells the conversation what becomes of it. */
    void connect(URI server, Conversation conversation);

    /** The one of this name, with all that its connections share. */
    static ClientLibrary of(String name) {
        return switch (name) {
            case "Hawser" -> new HawserLibrary();
            case "Java-WebSocket" -> new JavaWebSocketLibrary();
            case "JDK" -> new JdkLibrary();
            default -> throw new IllegalArgumentException("Expected a client's name but was " + name);
        };
    }
}
