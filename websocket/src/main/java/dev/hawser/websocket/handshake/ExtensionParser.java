package dev.hawser.websocket.handshake;

import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import dev.hawser.websocket.handshake.HandshakeRefusal.Cause;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code Sec-WebSocket-Extensions} (RFC 6455, section 9.1), each character once:
 *
 * <pre>
 *   extension-list  = 1#( token *( ";" parameter ) )
 *   parameter       = token [ "=" ( token | quoted-string ) ]
 * </pre>
 *
 * <p>"the value after quoted-string unescaping MUST conform to the 'token' ABNF".
 */
final class ExtensionParser {

    private final String text;
    private int at;

    private ExtensionParser(String text) {
        this.text = text;
    }

    /** The offers of all these headers, most wanted first. */
    static List<ExtensionHeader> parse(List<String> headers) throws HandshakeException {
        List<ExtensionHeader> offers = new ArrayList<>();
        for (String header : headers) {
            new ExtensionParser(header).addTo(offers);
        }
        return List.copyOf(offers);
    }

    /** A list may have empty elements, as any list in HTTP (RFC 9110, section 5.6.1). */
    private void addTo(List<ExtensionHeader> offers) throws HandshakeException {
        do {
            skipSpace();
            if (at < text.length() && text.charAt(at) != ',') {
                offers.add(offer());
            }
        } while (take(','));
        if (at < text.length()) {
            throw unexpected("a comma or a semicolon");
        }
    }

    private ExtensionHeader offer() throws HandshakeException {
        String name = token();
        List<Parameter> parameters = new ArrayList<>();
        while (take(';')) {
            skipSpace();
            String parameter = token();
            parameters.add(new Parameter(parameter, take('=') ? value() : null));
        }
        return new ExtensionHeader(name, parameters);
    }

    private String value() throws HandshakeException {
        skipSpace();
        if (!take('"')) {
            return token();
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            if (at < text.length()) {
                value.append(text.charAt(at++));
            }
        }
        if (at == text.length() || !HttpText.isToken(value.toString())) {
            throw unexpected("a token in quotes");
        }
        take('"');
        return value.toString();
    }

    private String token() throws HandshakeException {
        int start = at;
        while (at < text.length() && HttpText.isTokenCharacter(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw unexpected("a token");
        }
        return text.substring(start, at);
    }

    /** Takes white space and {@code wanted}, if that comes next. */
    private boolean take(char wanted) {
        int start = at;
        skipSpace();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        at = start;
        return false;
    }

    private void skipSpace() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    private HandshakeException unexpected(String expected) {
        String rest = text.substring(Math.min(at, text.length()));
        return new HandshakeException(
                Cause.BAD_EXTENSION,
                400,
                "Expected " + expected + " in " + ExtensionHeader.NAME + " but was " + HttpText.quote(rest));
    }
}
