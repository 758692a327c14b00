package dev.hawser.websocket.protocol;

import java.nio.charset.StandardCharsets;

/** The status codes of a close frame: RFC 6455, section 7.4, and IANA's registry. */
public final class CloseCode {

    static final int MAX_REASON_BYTES = 123;

    /** The purpose of the connection is fulfilled. */
    public static final int NORMAL = 1000;
    /** The server goes down, or the page was left. */
    public static final int GOING_AWAY = 1001;
    /** The peer broke the protocol. */
    public static final int PROTOCOL_ERROR = 1002;
    /** A kind of data that this endpoint does not take. */
    public static final int UNSUPPORTED_DATA = 1003;
    /** The close frame had no code. Reported only, never sent. */
    public static final int NO_STATUS = 1005;
    /** The connection ended without a close frame. Reported only, never sent. */
    public static final int ABNORMAL = 1006;
    /** A message whose content contradicts its type, such as text that is not UTF-8. */
    public static final int INVALID_PAYLOAD = 1007;
    /** A rule of this endpoint was broken, for which no other code is right. */
    public static final int POLICY_VIOLATION = 1008;
    /** A message is too big to process. */
    public static final int TOO_BIG = 1009;
    /** The client needs an extension that the server did not agree to. */
    public static final int EXTENSION_MISSING = 1010;
    /** Something unexpected happened here, such as a listener that threw. */
    public static final int INTERNAL_ERROR = 1011;
    /** The service restarts. */
    public static final int SERVICE_RESTART = 1012;
    /** Overloaded, or the peer reads too slowly: try again later. */
    public static final int TRY_AGAIN_LATER = 1013;
    /** A gateway got an invalid answer from behind. */
    public static final int BAD_GATEWAY = 1014;

    /** In the drafts 7 to 10: a frame is too big. Reserved since, and never sent here. */
    static final int DRAFT_TOO_BIG = 1004;

    private CloseCode() {}

    /** Whether {@code code} may stand in a close frame on the wire. */
    public static boolean isValid(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    /**
     * Refuses a code that must not stand in a close frame.
     *
     * @throws IllegalArgumentException if it is not {@linkplain #isValid valid}
     */
    public static void requireValid(int code) {
        if (!isValid(code)) {
            throw new IllegalArgumentException(
                    "Close code must be 1000 to 1003, 1007 to 1014, or 3000 to 4999, but is " + code);
        }
    }

    /** Whether an application may close with {@code code}: 1000, or 3000 to 4999, as in a browser. */
    public static boolean isForApplications(int code) {
        return code == NORMAL || (code >= 3000 && code <= 4999);
    }

    /** The payload of a close frame (section 5.5.1). */
    static byte[] payload(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length > MAX_REASON_BYTES) {
            throw new IllegalArgumentException(
                    "Close reason must be at most " + MAX_REASON_BYTES + " bytes of UTF-8, but is " + text.length);
        }
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }
}
