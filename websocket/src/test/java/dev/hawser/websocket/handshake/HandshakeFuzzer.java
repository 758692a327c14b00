package dev.hawser.websocket.handshake;

import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Any header values through the handshake of every version. The input is text in lines; each line begins with a character
 * that says which header it is, in the order of {@link #NAMES}, or method, version, or URL.
 */
public final class HandshakeFuzzer {

    private static final List<String> NAMES = List.of(
            "Host",
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key1",
            "Sec-WebSocket-Key2",
            "Sec-WebSocket-Protocol",
            "WebSocket-Protocol",
            "Sec-WebSocket-Extensions",
            "Origin",
            "Sec-WebSocket-Origin",
            "Content-Length",
            "Transfer-Encoding");

    private HandshakeFuzzer() {}

    /** Called by the fuzzer; throws where a promise is broken. */
    public static void fuzzerTestOneInput(byte[] input) {
        Request request = new Request(new String(input, StandardCharsets.ISO_8859_1));
        boolean allowDrafts = input.length % 2 == 0;
        for (OriginPolicy policy : List.of(OriginPolicy.SAME_ORIGIN, OriginPolicy.allow(List.of("*")))) {
            try {
                ServerHandshake handshake = ServerHandshake.check(request, policy, allowDrafts);
                checkAccepted(handshake, allowDrafts);
            } catch (HandshakeException refused) {
                HandshakeRefusal refusal = refused.refusal();
                if (refusal.status() < 400 || !refusal.reason().matches("[ -~]{1,250}")) {
                    throw new AssertionError("Refused with " + refusal);
                }
                checkHeaders(refusal.headers());
            }
        }
    }

    private static void checkAccepted(ServerHandshake handshake, boolean allowDrafts) throws HandshakeException {
        if (handshake.version().isHixie() && !allowDrafts) {
            throw new AssertionError(handshake.version() + " is not allowed");
        }
        if (handshake.challenge().length != (handshake.version() == Version.HIXIE_76 ? 8 : 0)) {
            throw new AssertionError("A challenge of " + handshake.challenge().length + " bytes");
        }
        checkExtensions(handshake.extensions());
        checkHeaders(handshake.accept(null));
        for (String protocol : handshake.protocols()) {
            checkHeaders(handshake.accept(protocol));
        }
    }

    /** What was read says the same when it is written and read again. */
    private static void checkExtensions(List<ExtensionHeader> offers) throws HandshakeException {
        String header = offers.stream().map(ExtensionHeader::toString).collect(Collectors.joining(", "));
        if (!header.matches("[ -~]*") || !ExtensionParser.parse(List.of(header)).equals(offers)) {
            throw new AssertionError("Extensions " + offers);
        }
        checkDeflate(offers);
    }

    /** What is answered to an offer is well-formed, and what a client that has made this very offer may accept. */
    private static void checkDeflate(List<ExtensionHeader> offers) {
        PermessageDeflate deflate =
                new PermessageDeflate(DeflateOptions.DEFAULT.with(o -> o.clientMaxWindowBits(11 + offers.size() % 5)));
        List<ExtensionHeader> agreed = Negotiation.accept(List.of(deflate), offers, 1000, Pipeline.Sizes.NONE)
                .agreed();
        String answer = ExtensionHeader.list(agreed);
        if (!answer.matches("|permessage-deflate(; (server|client)_no_context_takeover"
                + "|; (server|client)_max_window_bits=(8|9|1[0-5]))*")) {
            throw new AssertionError("Answered " + answer);
        }
        boolean asked = offers.stream()
                .filter(offer -> offer.name().equals(PermessageDeflate.NAME))
                .flatMap(offer -> offer.parameters().stream())
                .anyMatch(parameter -> parameter.name().equals("client_max_window_bits"));
        if (answer.contains("client_max_window_bits") && !asked) {
            throw new AssertionError("Answered " + answer + " to " + offers);
        }
    }

    private static void checkHeaders(Map<String, String> headers) {
        headers.forEach((name, value) -> {
            if (!HttpText.isToken(name) || !value.matches("[ -~]*")) {
                throw new AssertionError("A header " + name + ": " + value);
            }
        });
    }

    private static final class Request implements HandshakeRequest {

        private final List<List<String>> headers = new ArrayList<>();
        private String method = "GET";
        private String version = "HTTP/1.1";
        private String target = "/";

        Request(String lines) {
            NAMES.forEach(name -> headers.add(new ArrayList<>()));
            for (String line : lines.split("\n", -1)) {
                if (line.isEmpty()) {
                    continue;
                }
                int choice = line.charAt(0) - 'a';
                String value = line.substring(1);
                if (choice >= 0 && choice < headers.size()) {
                    headers.get(choice).add(value);
                } else if (line.charAt(0) == 'M') {
                    method = value;
                } else if (line.charAt(0) == 'V') {
                    version = value;
                } else if (line.charAt(0) == 'T') {
                    target = value;
                }
            }
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String httpVersion() {
            return version;
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String authority() {
            return "example.com";
        }

        @Override
        public String target() {
            return target;
        }

        @Override
        public List<String> headers(String name) {
            int index = NAMES.indexOf(name);
            if (index < 0) {
                throw new AssertionError("The fuzzer does not know the header " + name);
            }
            return headers.get(index);
        }
    }
}
