package dev.hawser.websocket.handshake;

/**
 * The versions of the WebSocket protocol that are spoken here. Those that the HyBi working group made share one framing
 * and differ in their handshakes; the two before, Ian Hickson's, have nothing but text.
 */
public enum Version {
    /** RFC 6455, and the drafts 13 to 17 before it. */
    HYBI_13("hybi-13", false),
    /** draft-ietf-hybi-thewebsocketprotocol-08 to -12. */
    HYBI_8("hybi-8", false),
    /** draft-ietf-hybi-thewebsocketprotocol-07. */
    HYBI_7("hybi-7", false),
    /** draft-hixie-thewebsocketprotocol-76, which is draft 0 of the working group too. */
    HIXIE_76("hixie-76", true),
    /** draft-hixie-thewebsocketprotocol-75. */
    HIXIE_75("hixie-75", true);

    private final String label;
    private final boolean hixie;

    Version(String label, boolean hixie) {
        this.label = label;
        this.hixie = hixie;
    }

    /** Whether this is one of the two that are accepted on request only: no binary messages, no pings, no close codes. */
    public boolean isHixie() {
        return hixie;
    }

    /** The name, such as {@code hybi-13}. */
    @Override
    public String toString() {
        return label;
    }
}
