package dev.hawser.eventsource;

/** What the id of an event may be: what comes back as it was, in the header {@code Last-Event-ID} of a request. */
public final class EventIds {

    private EventIds() {}

    /** Whether {@code id} comes back. */
    public static boolean isId(String id) {
        return firstWrong(id) < 0;
    }

    /**
     * Where the first character is that keeps it from that, or -1: "If the field value does not contain U+0000 NULL" (WHATWG HTML,
     * section 9.2.6); servers refuse requests with other control characters in a header, so that the client never gets a stream
     * again (RFC 9110, section 5.5); and half a surrogate pair has no UTF-8.
     */
    static int firstWrong(String id) {
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < id.length() && Character.isLowSurrogate(id.charAt(i + 1))) {
                i++;
            } else if ((c < ' ' && c != '\t') || c == 127 || Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }
}
